"""Writes a model and its tokenizer as GGUF v3 in F32, F16 or Q8_0."""
import struct

import numpy as np

from bpe import SPECIAL

ALIGNMENT = 32
F32, F16, Q8_0 = 0, 1, 8
FILE_TYPES = {F32: 0, F16: 1, Q8_0: 7}
TYPES = {'f32': F32, 'f16': F16, 'q8_0': Q8_0}

TEMPLATE = ("{%- for message in messages -%}"
            "{{ '<|im_start|>' + message['role'] + '\\n' }}"
            "{%- if message['content'] -%}{{ message['content'] | trim }}{%- endif -%}"
            "{{ '<|im_end|>\\n' }}"
            "{%- endfor -%}"
            "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}")


def q8_0_blocks(x):
    """Scales (F16) and integers of each 32 values, rounded as ggml does: half away from zero."""
    x = np.ascontiguousarray(x, np.float32).reshape(-1, 32)
    scale = np.abs(x).max(axis=1, keepdims=True) / np.float32(127)
    inverse = np.where(scale > 0, 1 / np.where(scale > 0, scale, 1), 0).astype(np.float32)
    q = x * inverse
    return scale.astype(np.float16), np.trunc(q + np.copysign(np.float32(0.5), q)).astype(np.int8)


def q8_0_bytes(x):
    scale, q = q8_0_blocks(x)
    return np.concatenate([scale.view(np.uint8), q.view(np.uint8)], axis=1).tobytes()


def quantised(x):
    """What is left of x after Q8_0."""
    scale, q = q8_0_blocks(x)
    return (scale.astype(np.float32) * q).reshape(x.shape)


def stays_f32(name, array):
    """Norms and the router are never quantised."""
    return array.ndim == 1 or name.endswith('ffn_gate_inp.weight')


def tensors(config, weights):
    """(name, array) as llama.cpp names them; fused weights are cut apart."""
    heads, kv = config.n_heads * config.head_dim, config.n_kv_heads * config.head_dim
    kind, cut = ('_exps', lambda x: x) if config.n_experts else ('', lambda x: x[0])
    for name, view in weights.views.items():
        base = name.rsplit('.', 1)[0] + '.'
        if name.endswith('attn_qkv'):
            q, k, v = np.split(view, [heads, heads + kv])
            yield from ((base + 'attn_q.weight', q), (base + 'attn_k.weight', k), (base + 'attn_v.weight', v))
        elif name.endswith('ffn_gate_up'):
            yield base + f'ffn_gate{kind}.weight', cut(view[:, :config.n_ff])
            yield base + f'ffn_up{kind}.weight', cut(view[:, config.n_ff:])
        elif name.endswith('ffn_down'):
            yield base + f'ffn_down{kind}.weight', cut(view)
        else:
            yield name + '.weight', view


def as_loaded(config, weights):
    """Overwrites the weights with what a Q8_0 file holds of them."""
    for name, array in tensors(config, weights):
        if not stays_f32(name, array):
            array[...] = quantised(array)


def metadata(config, tokenizer, file_type, name, description):
    arch = 'qwen3moe' if config.n_experts else 'qwen3'
    special = {token: tokenizer.ids[token] for token in SPECIAL}
    yield 'general.architecture', arch
    yield 'general.type', 'model'
    yield 'general.name', name
    yield 'general.description', description
    yield 'general.license', 'apache-2.0'
    yield 'general.alignment', ALIGNMENT
    yield 'general.file_type', FILE_TYPES[file_type]
    yield 'general.quantization_version', 2
    yield f'{arch}.vocab_size', config.n_vocab
    yield f'{arch}.context_length', 2048
    yield f'{arch}.embedding_length', config.n_embd
    yield f'{arch}.block_count', config.n_layers
    yield f'{arch}.feed_forward_length', config.n_ff * max(config.n_used if config.n_experts else 1, 1)
    yield f'{arch}.attention.head_count', config.n_heads
    yield f'{arch}.attention.head_count_kv', config.n_kv_heads
    yield f'{arch}.attention.key_length', config.head_dim
    yield f'{arch}.attention.value_length', config.head_dim
    yield f'{arch}.attention.layer_norm_rms_epsilon', config.norm_eps
    yield f'{arch}.rope.freq_base', config.rope_base
    if config.n_experts:
        yield f'{arch}.expert_count', config.n_experts
        yield f'{arch}.expert_used_count', config.n_used
        yield f'{arch}.expert_feed_forward_length', config.n_ff
    yield 'tokenizer.ggml.model', 'gpt2'
    yield 'tokenizer.ggml.pre', 'gpt-2'
    yield 'tokenizer.ggml.tokens', tokenizer.tokens
    yield 'tokenizer.ggml.token_type', [3 if token in special else 1 for token in tokenizer.tokens]
    yield 'tokenizer.ggml.merges', [' '.join(pair) for pair in tokenizer.merges]
    yield 'tokenizer.ggml.eos_token_id', special['<|im_end|>']
    yield 'tokenizer.ggml.eot_token_id', special['<|im_end|>']
    yield 'tokenizer.ggml.padding_token_id', special['<|endoftext|>']
    yield 'tokenizer.ggml.add_bos_token', False
    yield 'tokenizer.chat_template', TEMPLATE


def string(text):
    raw = text.encode()
    return struct.pack('<Q', len(raw)) + raw


def value(v):
    """Type tag and bytes: bool, u32, f32, string, or an array of strings or i32."""
    if isinstance(v, bool):
        return struct.pack('<IB', 7, v)
    if isinstance(v, int):
        return struct.pack('<II', 4, v)
    if isinstance(v, float):
        return struct.pack('<If', 6, v)
    if isinstance(v, str):
        return struct.pack('<I', 8) + string(v)
    if isinstance(v[0], str):
        return struct.pack('<IIQ', 9, 8, len(v)) + b''.join(map(string, v))
    return struct.pack('<IIQ', 9, 5, len(v)) + np.array(v, '<i4').tobytes()


def padded(raw):
    return raw + bytes(-len(raw) % ALIGNMENT)


def write(path, config, weights, tokenizer, type_name, name, description):
    """One file; tensors back to back, each padded to the alignment."""
    file_type = TYPES[type_name]
    infos, blobs, offset = b'', [], 0
    for tensor, array in tensors(config, weights):
        kind = F32 if stays_f32(tensor, array) else file_type
        if kind == Q8_0:
            raw = q8_0_bytes(array)
        else:
            raw = np.ascontiguousarray(array, np.float16 if kind == F16 else np.float32).tobytes()
        infos += string(tensor) + struct.pack('<I', array.ndim) + struct.pack(f'<{array.ndim}q', *array.shape[::-1])
        infos += struct.pack('<IQ', kind, offset)
        blobs.append(padded(raw))
        offset += len(blobs[-1])
    pairs = list(metadata(config, tokenizer, file_type, name, description))
    head = b'GGUF' + struct.pack('<Iqq', 3, len(blobs), len(pairs))
    head += b''.join(string(key) + value(v) for key, v in pairs) + infos
    with open(path, 'wb') as file:
        file.write(padded(head))
        file.writelines(blobs)
