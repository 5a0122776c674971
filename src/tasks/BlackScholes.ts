/** The Black-Scholes price of a European call option, through Black's formula of 1976 on the forward. */

import { erf } from "alphagrad/math";

/** The cumulative distribution of the standard normal. */
const Phi = (z: number) => (1 + erf(z / Math.sqrt(2))) / 2;

function black76(F: number, K: number, r: number, sigma: number, T: number) {
  const d1 = (Math.log(F / K) + (sigma ** 2 / 2) * T) / (sigma * Math.sqrt(T));
  const d2 = d1 - sigma * Math.sqrt(T);
  return Math.exp(-r * T) * (F * Phi(d1) - K * Phi(d2));
}

/** S: spot, K: strike, r: rate per year, sigma: volatility per square root of a year, T: years to expiry. */
export function BlackScholes(S: number, K: number, r: number, sigma: number, T: number) {
  const F = Math.exp(r * T) * S;
  const price = black76(F, K, r, sigma, T);
  return price;
}
