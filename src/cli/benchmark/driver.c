/* Times the kernels of kernels.h side by side: every kernel is warmed up, then all take turns.
 *
 * Arguments: milliseconds per case, then batch:stride for each batch size. Prints one JSON value: the outputs of each kernel's batch function at the
 * first point, and per batch and kernel the median, quartiles and number of samples in nanoseconds per point.
 */
#define _POSIX_C_SOURCE 200112L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "kernels.h"

enum { VARIANTS = 16, MOST_SAMPLES = 1000, FEWEST_SAMPLES = 5 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static real *allocate(size_t count) {
  void *memory = NULL;
  if (posix_memalign(&memory, 64, (count + 1) * sizeof(real)) != 0) exit(1);
  return memory;
}

/* The value of an input at a point of a batch: moved by less than a part in a thousand. */
static real varied(size_t input, size_t index) { return (real)(point[input] * (1 + (index % 61) * 1e-5)); }

/* Nanoseconds per point over so many calls. One point alone is VARIANTS calls of the function for one point. */
static double sample(const struct kernel *kernel, size_t batch, size_t stride, long repetitions, const real *inputs,
                     real *outputs) {
  const double start = now();
  for (long call = 0; call < repetitions; call++) {
    if (batch > 1)
      kernel->run_batch(batch, inputs, stride, outputs, stride);
    else
      for (size_t variant = 0; variant < VARIANTS; variant++) kernel->run(inputs + variant * kernel_inputs, outputs);
  }
  return (now() - start) / ((double)repetitions * (batch > 1 ? batch : VARIANTS));
}

static void time_batch(size_t batch, size_t stride, double milliseconds) {
  static double samples[KERNELS][MOST_SAMPLES];
  long repetitions[KERNELS];
  size_t most = 0;
  for (size_t k = 0; k < KERNELS; k++)
    if (kernels[k].outputs > most) most = kernels[k].outputs;
  real *inputs = allocate(kernel_inputs * (batch > 1 ? stride : VARIANTS));
  real *outputs = allocate(most * stride);
  for (size_t input = 0; input < kernel_inputs; input++)
    for (size_t index = 0; index < (batch > 1 ? stride : VARIANTS); index++)
      inputs[batch > 1 ? input * stride + index : index * kernel_inputs + input] = varied(input, index);
  const double evaluations = batch > 1 ? batch : VARIANTS;
  for (size_t k = 0; k < KERNELS; k++) {
    const double start = now();
    double each = 0;
    for (long calls = 1; now() - start < 0.3e6 * milliseconds; calls *= 2)
      each = sample(&kernels[k], batch, stride, calls, inputs, outputs);
    repetitions[k] = (long)(0.01e6 * milliseconds / (each * evaluations)) + 1;
  }
  const double end = now() + 0.7e6 * milliseconds * KERNELS;
  size_t count = 0;
  for (; count < MOST_SAMPLES && (count < FEWEST_SAMPLES || now() < end); count++)
    for (size_t k = 0; k < KERNELS; k++)
      samples[k][count] = sample(&kernels[k], batch, stride, repetitions[k], inputs, outputs);
  for (size_t k = 0; k < KERNELS; k++) {
    qsort(samples[k], count, sizeof samples[k][0], compare);
    const double *sorted = samples[k];
    const size_t last = count - 1;
    printf("%s{\"kernel\": %zu, \"batch\": %zu, \"median\": %.6g, \"low\": %.6g, \"high\": %.6g, \"samples\": %zu}",
           k > 0 ? ", " : "", k, batch, sorted[last / 2], sorted[last / 4], sorted[3 * last / 4], count);
  }
  free(inputs);
  free(outputs);
}

static void print_outputs(const struct kernel *kernel) {
  enum { STRIDE = 16 };
  real *inputs = allocate(kernel_inputs * STRIDE), *outputs = allocate(kernel->outputs * STRIDE);
  for (size_t input = 0; input < kernel_inputs; input++)
    for (size_t index = 0; index < STRIDE; index++) inputs[input * STRIDE + index] = varied(input, index);
  kernel->run_batch(STRIDE, inputs, STRIDE, outputs, STRIDE);
  printf("[");
  for (size_t output = 0; output < kernel->outputs; output++)
    printf("%s\"%.17g\"", output > 0 ? ", " : "", (double)outputs[output * STRIDE]);
  printf("]");
  free(inputs);
  free(outputs);
}

int main(int count, char **arguments) {
  if (count < 2) return 1;
  printf("{\"outputs\": [");
  for (size_t k = 0; k < KERNELS; k++) {
    if (k > 0) printf(", ");
    print_outputs(&kernels[k]);
  }
  printf("], \"cases\": [");
  for (int argument = 2; argument < count; argument++) {
    unsigned long batch, stride;
    if (sscanf(arguments[argument], "%lu:%lu", &batch, &stride) != 2) return 1;
    if (argument > 2) printf(", ");
    time_batch(batch, stride, atof(arguments[1]));
  }
  printf("]}\n");
  return 0;
}
