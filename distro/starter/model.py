"""A qwen3 / qwen3moe transformer in numpy: forward, hand-written backward, AdamW.

Arrays have the shapes of the GGUF tensors read slowest-first ([rows][columns], [experts][rows][columns]).
Two pairs are fused while training and cut apart on export: q, k, v and gate, up.
"""
import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Config:
    """Shape of a model; n_experts == 0 is the dense qwen3."""
    n_vocab: int = 1024
    n_embd: int = 192
    n_layers: int = 4
    n_heads: int = 6
    n_kv_heads: int = 2
    head_dim: int = 32
    n_ff: int = 64            # of one expert, or of the dense layer
    n_experts: int = 32
    n_used: int = 4
    norm_eps: float = 1e-6
    rope_base: float = 10000.0
    balance: float = 0.005    # weight of the load-balancing loss

    def shapes(self):
        """Name to shape, in file order."""
        d, hd = self.n_embd, self.head_dim
        blocks = max(self.n_experts, 1)
        shapes = {'token_embd': (self.n_vocab, d)}
        for i in range(self.n_layers):
            b = f'blk.{i}.'
            shapes[b + 'attn_norm'] = (d,)
            shapes[b + 'attn_qkv'] = ((self.n_heads + 2 * self.n_kv_heads) * hd, d)
            shapes[b + 'attn_q_norm'] = (hd,)
            shapes[b + 'attn_k_norm'] = (hd,)
            shapes[b + 'attn_output'] = (d, self.n_heads * hd)
            shapes[b + 'ffn_norm'] = (d,)
            if self.n_experts:
                shapes[b + 'ffn_gate_inp'] = (self.n_experts, d)
            shapes[b + 'ffn_gate_up'] = (blocks, 2 * self.n_ff, d)
            shapes[b + 'ffn_down'] = (blocks, d, self.n_ff)
        shapes['output_norm'] = (d,)
        shapes['output'] = (self.n_vocab, d)
        return shapes


class Weights:
    """All parameters in one flat vector, with a named view of each."""

    def __init__(self, config, dtype=np.float32):
        self.shapes = config.shapes()
        self.flat = np.zeros(sum(math.prod(s) for s in self.shapes.values()), dtype)
        self.views, at = {}, 0
        for name, shape in self.shapes.items():
            size = math.prod(shape)
            self.views[name] = self.flat[at:at + size].reshape(shape)
            at += size

    def __getitem__(self, name):
        return self.views[name]


def initial_weights(config, seed, dtype=np.float32):
    """Normal, scaled by fan-in; what writes to the residual stream is scaled down by depth; norms are one."""
    rng = np.random.default_rng(seed)
    weights = Weights(config, dtype)
    for name, view in weights.views.items():
        if view.ndim == 1:
            view[:] = 1
            continue
        scale = 0.05 if name == 'token_embd' else view.shape[-1] ** -0.5
        if name.endswith(('attn_output', 'ffn_down')):
            scale /= math.sqrt(2 * config.n_layers)
        view[:] = rng.standard_normal(view.shape) * scale
    return weights


def rms_norm(x, weight, eps):
    r = 1 / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + x.dtype.type(eps))
    unit = x * r
    return unit * weight, (unit, r)


def rms_norm_back(dy, weight, saved):
    """Gradients of the input and, per position, of the weight."""
    unit, r = saved
    g = dy * weight
    return r * (g - unit * np.mean(g * unit, axis=-1, keepdims=True)), dy * unit


def softmax(x):
    """Over the last axis, in place."""
    x -= x.max(axis=-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(axis=-1, keepdims=True)
    return x


def rotate(x, cos, sin):
    """NEOX rotary embedding: element i turns with element i + head_dim / 2."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    out = np.empty_like(x)
    out[..., :half] = a * cos - b * sin
    out[..., half:] = b * cos + a * sin
    return out


class Model:
    """Loss and gradients of a batch. Holds no state of a run, so threads may share it."""

    def __init__(self, config, weights):
        self.config, self.weights = config, weights
        self.dtype = weights.flat.dtype

    def angles(self, length):
        half = self.config.head_dim // 2
        freq = self.config.rope_base ** (-np.arange(half) / half)
        angle = np.arange(length)[:, None, None] * freq
        return np.cos(angle).astype(self.dtype), np.sin(angle).astype(self.dtype)

    def forward(self, tokens, segments=None):
        """Logits [rows * length][n_vocab] and what backward needs.

        tokens is [rows][length]; a position sees only earlier ones of the same segment number.
        """
        c, w = self.config, self.weights
        rows, length = tokens.shape
        hidden = np.triu(np.ones((length, length), bool), 1)[None]
        if segments is not None:
            hidden = hidden | (segments[:, :, None] != segments[:, None, :])
        mask = np.where(hidden, self.dtype.type(-1e9), self.dtype.type(0))[:, None, None]
        saved = {'tokens': tokens, 'angles': self.angles(length), 'layers': []}
        x = w['token_embd'][tokens.reshape(-1)]
        balance = 0.0
        for i in range(c.n_layers):
            x, attention = self.attention(f'blk.{i}.', x, rows, length, mask, saved['angles'])
            x, ffn, cost = self.ffn(f'blk.{i}.', x)
            balance += cost
            saved['layers'].append((attention, ffn))
        y, saved['output_norm'] = rms_norm(x, w['output_norm'], c.norm_eps)
        saved['y'] = y
        return y @ w['output'].T, saved, balance

    def attention(self, b, x, rows, length, mask, angles):
        c, w = self.config, self.weights
        kv, group, hd = c.n_kv_heads, c.n_heads // c.n_kv_heads, c.head_dim
        turned = c.n_heads + kv
        h, norm = rms_norm(x, w[b + 'attn_norm'], c.norm_eps)
        qkv = (h @ w[b + 'attn_qkv'].T).reshape(rows, length, -1, hd)
        qk, qk_norm = rms_norm(qkv[:, :, :turned], self.qk_weight(b), c.norm_eps)
        qk = rotate(qk, *angles)
        q = np.ascontiguousarray(qk[:, :, :c.n_heads].transpose(0, 2, 1, 3))
        q = (q * self.dtype.type(hd ** -0.5)).reshape(rows, kv, group * length, hd)
        k = np.ascontiguousarray(qk[:, :, c.n_heads:].transpose(0, 2, 1, 3))
        v = np.ascontiguousarray(qkv[:, :, turned:].transpose(0, 2, 1, 3))
        p = q @ k.transpose(0, 1, 3, 2)
        p.reshape(rows, kv, group, length, length)[...] += mask
        softmax(p)
        o = (p @ v).reshape(rows, c.n_heads, length, hd).transpose(0, 2, 1, 3).reshape(rows * length, -1)
        return x + o @ w[b + 'attn_output'].T, (h, norm, qk_norm, q, k, v, p, o)

    def qk_weight(self, b):
        c, w = self.config, self.weights
        return np.concatenate([np.tile(w[b + 'attn_q_norm'], (c.n_heads, 1)),
                               np.tile(w[b + 'attn_k_norm'], (c.n_kv_heads, 1))])

    def ffn(self, b, x):
        """Residual sum, what backward needs, load-balancing cost (1 when all experts get the same)."""
        c, w = self.config, self.weights
        n = len(x)
        h, norm = rms_norm(x, w[b + 'ffn_norm'], c.norm_eps)
        if c.n_experts:
            p = softmax(h @ w[b + 'ffn_gate_inp'].T)
            top = np.argpartition(p, -c.n_used, axis=1)[:, -c.n_used:]
            chosen = np.take_along_axis(p, top, 1)
            total = chosen.sum(1, keepdims=True)
            share = chosen / total
            order = np.argsort(top.astype(np.int16).reshape(-1), kind='stable')
            token = order // c.n_used
            place = np.empty_like(order)
            place[order] = np.arange(len(order))
            counts = np.bincount(top.reshape(-1), minlength=c.n_experts)
            load = (counts / counts.sum() * c.n_experts).astype(self.dtype)
            cost = float(np.mean(p, axis=0) @ load)
            scale = share.reshape(-1)[order][:, None]
            hs = h[token]
            routing = (p, top, share, total, order, token, place, load)
        else:
            counts, cost, scale, hs, routing = np.array([n]), 0.0, None, h, None
        ends = np.cumsum(counts).tolist()
        spans = list(zip([0] + ends, ends))
        gate_up = np.empty((len(hs), 2 * c.n_ff), self.dtype)
        for e, (lo, hi) in enumerate(spans):
            np.matmul(hs[lo:hi], w[b + 'ffn_gate_up'][e].T, out=gate_up[lo:hi])
        gate, up = gate_up[:, :c.n_ff], gate_up[:, c.n_ff:]
        sigmoid = 1 / (1 + np.exp(-gate))
        silu = gate * sigmoid
        act = silu * up
        scaled = act if scale is None else act * scale
        ys = np.empty((len(hs), c.n_embd), self.dtype)
        for e, (lo, hi) in enumerate(spans):
            np.matmul(scaled[lo:hi], w[b + 'ffn_down'][e].T, out=ys[lo:hi])
        if routing:
            ys = ys[routing[6]].reshape(n, c.n_used, -1).sum(1)
        return x + ys, (h, norm, hs, spans, gate, up, sigmoid, silu, act, scale, scaled, routing), cost

    def backward(self, dlogits, saved, grads, balance):
        """Adds the gradients of a batch, given those of its logits and the weight of its balance cost, to grads."""
        c, w = self.config, self.weights
        grads['output'][...] += dlogits.T @ saved['y']
        dx, dweight = rms_norm_back(dlogits @ w['output'], w['output_norm'], saved['output_norm'])
        grads['output_norm'][...] += dweight.sum(0)
        for i in reversed(range(c.n_layers)):
            attention, ffn = saved['layers'].pop()
            dx = self.ffn_back(f'blk.{i}.', dx, ffn, grads, balance)
            dx = self.attention_back(f'blk.{i}.', dx, attention, saved, grads)
        tokens = saved['tokens'].reshape(-1)
        order = np.argsort(tokens, kind='stable')
        found, starts = np.unique(tokens[order], return_index=True)
        grads['token_embd'][found] += np.add.reduceat(dx[order], starts, axis=0)

    def ffn_back(self, b, dx, saved, grads, balance):
        c, w = self.config, self.weights
        h, norm, hs, spans, gate, up, sigmoid, silu, act, scale, scaled, routing = saved
        dys = dx[routing[5]] if routing else dx
        dscaled = np.empty_like(scaled)
        for e, (lo, hi) in enumerate(spans):
            np.matmul(dys[lo:hi], w[b + 'ffn_down'][e], out=dscaled[lo:hi])
            grads[b + 'ffn_down'][e] += dys[lo:hi].T @ scaled[lo:hi]
        dact = dscaled if scale is None else dscaled * scale
        dgate_up = np.empty((len(hs), 2 * c.n_ff), self.dtype)
        dgate_up[:, :c.n_ff] = dact * up * (sigmoid + silu * (1 - sigmoid))
        dgate_up[:, c.n_ff:] = dact * silu
        dh = np.empty_like(hs)
        for e, (lo, hi) in enumerate(spans):
            np.matmul(dgate_up[lo:hi], w[b + 'ffn_gate_up'][e], out=dh[lo:hi])
            grads[b + 'ffn_gate_up'][e] += dgate_up[lo:hi].T @ hs[lo:hi]
        if routing:
            p, top, share, total, order, token, place, load = routing
            dh = dh[place].reshape(len(dx), c.n_used, -1).sum(1)
            dshare = np.einsum('nf,nf->n', dscaled, act)[place].reshape(top.shape)
            dchosen = (dshare - (dshare * share).sum(1, keepdims=True)) / total
            dp = np.broadcast_to(load * self.dtype.type(balance / len(dx)), p.shape).copy()
            np.put_along_axis(dp, top, np.take_along_axis(dp, top, 1) + dchosen, 1)
            drouter = p * (dp - (dp * p).sum(1, keepdims=True))
            grads[b + 'ffn_gate_inp'][...] += drouter.T @ h
            dh += drouter @ w[b + 'ffn_gate_inp']
        dnorm, dweight = rms_norm_back(dh, w[b + 'ffn_norm'], norm)
        grads[b + 'ffn_norm'][...] += dweight.sum(0)
        return dx + dnorm

    def attention_back(self, b, dx, saved, run, grads):
        c, w = self.config, self.weights
        h, norm, qk_norm, q, k, v, p, o = saved
        rows, length = run['tokens'].shape
        kv, hd, turned = c.n_kv_heads, c.head_dim, c.n_heads + c.n_kv_heads
        grads[b + 'attn_output'][...] += dx.T @ o
        do = dx @ w[b + 'attn_output']
        inner = (do * o).reshape(rows, length, c.n_heads, hd).sum(-1).transpose(0, 2, 1)
        do = np.ascontiguousarray(do.reshape(rows, length, c.n_heads, hd).transpose(0, 2, 1, 3))
        do = do.reshape(rows, kv, -1, hd)
        dqkv = np.empty((rows, length, turned + kv, hd), self.dtype)
        dqkv[:, :, turned:] = (p.transpose(0, 1, 3, 2) @ do).transpose(0, 2, 1, 3)
        ds = do @ v.transpose(0, 1, 3, 2)
        ds -= inner.reshape(rows, kv, -1, 1)
        ds *= p
        dqk = np.empty((rows, length, turned, hd), self.dtype)
        dq = (ds @ k).reshape(rows, c.n_heads, length, hd) * self.dtype.type(hd ** -0.5)
        dqk[:, :, :c.n_heads] = dq.transpose(0, 2, 1, 3)
        dqk[:, :, c.n_heads:] = (ds.transpose(0, 1, 3, 2) @ q).transpose(0, 2, 1, 3)
        cos, sin = run['angles']
        dqk, dweight = rms_norm_back(rotate(dqk, cos, -sin), self.qk_weight(b), qk_norm)
        dweight = dweight.sum((0, 1))
        grads[b + 'attn_q_norm'][...] += dweight[:c.n_heads].sum(0)
        grads[b + 'attn_k_norm'][...] += dweight[c.n_heads:].sum(0)
        dqkv[:, :, :turned] = dqk
        dqkv = dqkv.reshape(rows * length, -1)
        grads[b + 'attn_qkv'][...] += dqkv.T @ h
        dnorm, dweight = rms_norm_back(dqkv @ w[b + 'attn_qkv'], w[b + 'attn_norm'], norm)
        grads[b + 'attn_norm'][...] += dweight.sum(0)
        return dx + dnorm

    def loss(self, tokens, segments, grads=None, weight=1.0, share=1.0):
        """Sum of the next-token losses, their number, the balance cost.

        Adds to grads the gradient of weight * sum + share * config.balance * cost.

        A target is the next position of the row if it is in the same segment; segment -1 is padding.
        """
        logits, saved, balance = self.forward(tokens, segments)
        target = np.roll(tokens, -1, axis=1).reshape(-1)
        counted = np.zeros(tokens.shape, bool)
        counted[:, :-1] = (segments[:, 1:] == segments[:, :-1]) & (segments[:, :-1] >= 0)
        counted = counted.reshape(-1)
        p = softmax(logits)
        at = np.arange(len(target))
        loss = -np.log(np.maximum(p[at, target], 1e-30))[counted].sum(dtype=np.float64)
        if grads is not None:
            p[at, target] -= 1
            p *= (counted * self.dtype.type(weight))[:, None]
            self.backward(p, saved, grads, share * self.config.balance)
        return loss, int(counted.sum()), balance

    def nll(self, tokens):
        """Negative log-likelihood of each token of one document but the first, given all before it."""
        logits, _, _ = self.forward(np.asarray(tokens)[None])
        p = softmax(logits)
        return -np.log(np.maximum(p[np.arange(len(tokens) - 1), tokens[1:]], 1e-30)).astype(np.float64)

    def generate(self, tokens, n, stop):
        """Greedy continuation; recomputes everything each step."""
        tokens = list(tokens)
        start = len(tokens)
        while len(tokens) - start < n:
            logits, _, _ = self.forward(np.array(tokens)[None])
            tokens.append(int(logits[-1].argmax()))
            if tokens[-1] in stop:
                break
        return tokens[start:]


class AdamW:
    """Decoupled weight decay on matrices only; works in chunks that stay in cache."""

    def __init__(self, weights, decay, beta1=0.9, beta2=0.95, eps=1e-8):
        self.weights, self.beta1, self.beta2, self.eps = weights, beta1, beta2, eps
        self.m, self.v = np.zeros_like(weights.flat), np.zeros_like(weights.flat)
        self.decay = np.concatenate([np.full(math.prod(s), decay if len(s) > 1 else 0, np.float32)
                                     for s in weights.shapes.values()])
        self.steps = 0

    def step(self, grad, rate, clip):
        """Clips the gradient to the given norm, applies it, returns the norm it had."""
        norm = math.sqrt(float(np.dot(grad, grad)))
        shrink = np.float32(min(1, clip / max(norm, 1e-12)))
        self.steps += 1
        m_fix, v_fix = 1 - self.beta1 ** self.steps, 1 - self.beta2 ** self.steps
        for at in range(0, len(grad), 1 << 15):
            s = slice(at, at + (1 << 15))
            g, m, v, w = grad[s] * shrink, self.m[s], self.v[s], self.weights.flat[s]
            m *= self.beta1
            m += (1 - self.beta1) * g
            v *= self.beta2
            v += (1 - self.beta2) * g * g
            w -= rate * self.decay[s] * w
            w -= (rate / m_fix) * m / (np.sqrt(v / v_fix) + self.eps)
        return norm


def gradient_check():
    """Largest relative difference between backward and finite differences, in double precision."""
    worst = 0.0
    for experts in (0, 8):
        config = Config(n_vocab=24, n_embd=16, n_layers=2, n_heads=4, n_kv_heads=2, head_dim=4, n_ff=8,
                        n_experts=experts, n_used=3, balance=0.3)
        rng = np.random.default_rng(1)
        weights = initial_weights(config, 1, np.float64)
        weights.flat += rng.standard_normal(len(weights.flat)) * 0.1
        model = Model(config, weights)
        tokens = rng.integers(0, 24, (3, 12))
        segments = np.array([[0] * 12, [0] * 5 + [1] * 7, [0] * 4 + [1] * 4 + [-1] * 4])
        grads = Weights(config, np.float64)
        model.loss(tokens, segments, grads)

        def total():
            loss, _, balance = model.loss(tokens, segments)
            return loss + config.balance * balance

        for name, view in weights.views.items():
            direction = rng.standard_normal(view.shape)
            base = view.copy()
            view[...] = base + 1e-5 * direction
            up = total()
            view[...] = base - 1e-5 * direction
            down = total()
            view[...] = base
            numeric, analytic = (up - down) / 2e-5, float((grads[name] * direction).sum())
            worst = max(worst, abs(numeric - analytic) / max(1e-4, abs(numeric) + abs(analytic)))
    return worst


if __name__ == '__main__':
    error = gradient_check()
    print(f'largest relative gradient error {error:.1e}')
    raise SystemExit(int(error > 1e-6))
