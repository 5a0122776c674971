"""Produces reference.json: what mctx finds in games given as tables, for the tests of the tree search.

Usage: pip install mctx && python reference.py > reference.json   (made with mctx 0.0.71, jax 0.10.2)

A game has S states and A actions, all legal everywhere and endless: action a in state s leads to next[s][a] with reward[s][a];
the network says logits[s] and value[s]. The discount is 1.
"""

import functools
import json

import jax
import jax.numpy as jnp
import mctx
import numpy as np
from mctx._src import seq_halving


def numbers(array):
    return np.asarray(array, np.float64).tolist()


def search(seed, states, actions, simulations, considered):
    random = np.random.default_rng(seed)
    next_state = random.integers(0, states, (states, actions))
    reward = random.normal(size=(states, actions)).round(3)
    logits = (2 * random.normal(size=(states, actions))).round(3)
    value = (3 * random.normal(size=states)).round(3)

    def recurrent(_, __, action, state):
        target = jnp.asarray(next_state)[state, action]
        return (
            mctx.RecurrentFnOutput(
                reward=jnp.asarray(reward, jnp.float32)[state, action],
                discount=jnp.ones_like(action, jnp.float32),
                prior_logits=jnp.asarray(logits, jnp.float32)[target],
                value=jnp.asarray(value, jnp.float32)[target],
            ),
            target,
        )

    roots = jnp.arange(4)
    output = mctx.gumbel_muzero_policy(
        params=(),
        rng_key=jax.random.PRNGKey(seed),
        root=mctx.RootFnOutput(
            prior_logits=jnp.asarray(logits, jnp.float32)[roots],
            value=jnp.asarray(value, jnp.float32)[roots],
            embedding=roots,
        ),
        recurrent_fn=recurrent,
        num_simulations=simulations,
        max_num_considered_actions=considered,
        qtransform=functools.partial(mctx.qtransform_completed_by_mix_value),
    )
    summary = output.search_tree.summary()
    return {
        "simulations": simulations,
        "considered": considered,
        "next": next_state.tolist(),
        "reward": numbers(reward),
        "logits": numbers(logits),
        "value": numbers(value),
        "roots": roots.tolist(),
        "gumbel": numbers(output.search_tree.extra_data.root_gumbel),
        "action": output.action.tolist(),
        "policy": numbers(output.action_weights),
        "visits": summary.visit_counts.tolist(),
        "rootValue": numbers(summary.value),
    }


def completed(seed, actions):
    """qtransform_completed_by_mix_value at the root of a tree with given statistics."""
    random = np.random.default_rng(seed)
    visits = random.integers(0, 4, actions)
    values = np.where(visits > 0, 5 * random.normal(size=actions), 0).round(3)
    logits = random.normal(size=actions).round(3)
    raw = round(5 * random.normal(), 3)
    shape = (1, actions)
    tree = mctx.Tree(
        node_visits=jnp.zeros((1,), jnp.int32),
        raw_values=jnp.full((1,), raw, jnp.float32),
        node_values=jnp.zeros((1,), jnp.float32),
        parents=jnp.zeros((1,), jnp.int32),
        action_from_parent=jnp.zeros((1,), jnp.int32),
        children_index=jnp.zeros(shape, jnp.int32),
        children_prior_logits=jnp.asarray(logits[None], jnp.float32),
        children_visits=jnp.asarray(visits[None]),
        children_rewards=jnp.zeros(shape, jnp.float32),
        children_discounts=jnp.ones(shape, jnp.float32),
        children_values=jnp.asarray(values[None], jnp.float32),
        embeddings=None,
        root_invalid_actions=None,
        extra_data=None,
    )
    return {
        "logits": numbers(logits),
        "rawValue": raw,
        "values": numbers(values),
        "visits": visits.tolist(),
        "completed": numbers(mctx.qtransform_completed_by_mix_value(tree, jnp.asarray(0))),
    }


print(
    json.dumps(
        {
            "sequences": [
                {
                    "considered": considered,
                    "simulations": simulations,
                    "visits": list(seq_halving.get_sequence_of_considered_visits(considered, simulations)),
                }
                for considered in (1, 2, 3, 7, 8, 16)
                for simulations in (1, 4, 16, 50)
            ],
            "completed": [completed(seed, actions) for seed, actions in enumerate((1, 2, 5, 5, 9, 9))],
            "searches": [
                search(0, 30, 5, 16, 8),
                search(1, 60, 9, 16, 8),
                search(2, 60, 9, 50, 16),
                search(3, 12, 2, 32, 8),
                search(4, 400, 20, 64, 8),
            ],
        }
    )
)
