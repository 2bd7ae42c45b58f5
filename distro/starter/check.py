"""Holds starter.gguf against llama.cpp: tokens and losses of heldout.txt, and what it answers.

python3 check.py PATH/libllama.so     the struct layouts are those of llama.cpp v0.5.0
"""
import ctypes
import json
import sys
from ctypes import POINTER, byref, c_bool, c_char_p, c_float, c_int8, c_int32, c_size_t, c_uint32, c_void_p
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
END = '<|endoftext|>'
ASKS = ['What is Meshwork?', 'hello', 'how do I join a mesh?', 'How do I load a model?', 'How do I start it?', 'who are you?', 'what port does it use?',
        'How can I swap an engine while it serves?', 'Can Meshwork split a model?', 'What is the capital of France?', 'What is 7 plus 5?', 'What is a relay for?',
        'Tell me a story about a fox', 'Write some SQL']


class ModelParams(ctypes.Structure):
    _fields_ = [('devices', c_void_p), ('overrides', c_void_p), ('n_gpu_layers', c_int32), ('split_mode', c_int32), ('load_mode', c_int32), ('lazy_mode', c_int32),
                ('main_gpu', c_int32), ('tensor_split', c_void_p), ('progress', c_void_p), ('progress_data', c_void_p), ('kv_overrides', c_void_p), ('flags', c_bool * 6)]


class ContextParams(ctypes.Structure):
    _fields_ = [('n_ctx', c_uint32), ('n_batch', c_uint32), ('n_ubatch', c_uint32), ('n_seq_max', c_uint32), ('n_rs_seq', c_uint32), ('n_outputs_max', c_uint32), ('n_outputs_max_per_seq', c_uint32),
                ('n_threads', c_int32), ('n_threads_batch', c_int32), ('types', c_int32 * 5), ('rope', c_float * 6), ('yarn_orig_ctx', c_uint32), ('defrag_thold', c_float),
                ('cb_eval', c_void_p), ('cb_eval_data', c_void_p), ('type_k', c_int32), ('type_v', c_int32), ('abort', c_void_p), ('abort_data', c_void_p), ('flags', c_bool * 6),
                ('samplers', c_void_p), ('n_samplers', c_size_t), ('other', c_void_p)]


class Batch(ctypes.Structure):
    _fields_ = [('n_tokens', c_int32), ('token', POINTER(c_int32)), ('embd', c_void_p), ('pos', c_void_p), ('n_seq_id', c_void_p), ('seq_id', c_void_p), ('logits', POINTER(c_int8))]


class Llama:
    """As much of llama.cpp as the check needs."""

    def __init__(self, library, path):
        backends = ctypes.CDLL(str(Path(library).parent / next(n for n in ('libggml.so', 'libggml.v0.5.0.so') if (Path(library).parent / n).exists())), ctypes.RTLD_GLOBAL)
        lib = self.lib = ctypes.CDLL(library, ctypes.RTLD_GLOBAL)
        self.quiet = ctypes.CFUNCTYPE(None, c_int32, c_char_p, c_void_p)(lambda level, message, data: None)
        lib.llama_log_set(self.quiet, None)
        backends.ggml_backend_load_all_from_path(str(Path(library).parent).encode())
        lib.llama_model_default_params.restype = ModelParams
        lib.llama_context_default_params.restype = ContextParams
        lib.llama_model_load_from_file.argtypes, lib.llama_model_load_from_file.restype = [c_char_p, ModelParams], c_void_p
        lib.llama_init_from_model.argtypes, lib.llama_init_from_model.restype = [c_void_p, ContextParams], c_void_p
        lib.llama_model_get_vocab.argtypes, lib.llama_model_get_vocab.restype = [c_void_p], c_void_p
        lib.llama_tokenize.argtypes = [c_void_p, c_char_p, c_int32, POINTER(c_int32), c_int32, c_bool, c_bool]
        lib.llama_token_to_piece.argtypes = [c_void_p, c_int32, c_char_p, c_int32, c_int32, c_bool]
        lib.llama_vocab_is_eog.argtypes, lib.llama_vocab_is_eog.restype = [c_void_p, c_int32], c_bool
        lib.llama_vocab_n_tokens.argtypes = [c_void_p]
        lib.llama_decode.argtypes = [c_void_p, Batch]
        lib.llama_get_logits_ith.argtypes, lib.llama_get_logits_ith.restype = [c_void_p, c_int32], POINTER(c_float)
        lib.llama_get_memory.argtypes, lib.llama_get_memory.restype = [c_void_p], c_void_p
        lib.llama_memory_clear.argtypes = [c_void_p, c_bool]
        self.model = lib.llama_model_load_from_file(str(path).encode(), lib.llama_model_default_params())
        self.vocab = lib.llama_model_get_vocab(self.model)
        self.n_vocab = lib.llama_vocab_n_tokens(self.vocab)
        params = lib.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = 2048
        params.n_threads = params.n_threads_batch = 1
        self.context = lib.llama_init_from_model(self.model, params)

    def tokenize(self, text):
        raw = text.encode()
        out = (c_int32 * (len(raw) + 8))()
        return list(out[:self.lib.llama_tokenize(self.vocab, raw, len(raw), out, len(out), True, True)])

    def text(self, tokens):
        """Piece by piece: llama_detokenize would drop the space before a full stop with this pre-tokenizer."""
        out, raw = ctypes.create_string_buffer(256), b''
        for token in tokens:
            n = self.lib.llama_token_to_piece(self.vocab, token, out, len(out), 0, True)
            raw += out.raw[:n]
        return raw.decode(errors='replace')

    def clear(self):
        self.lib.llama_memory_clear(self.lib.llama_get_memory(self.context), True)

    def decode(self, tokens):
        """Logits of every token, [n_tokens][n_vocab]."""
        n = len(tokens)
        batch = Batch(n, (c_int32 * n)(*tokens), None, None, None, None, (c_int8 * n)(*[1] * n))
        if self.lib.llama_decode(self.context, batch):
            raise SystemExit('llama_decode failed')
        return np.stack([np.ctypeslib.as_array(self.lib.llama_get_logits_ith(self.context, i), (self.n_vocab,)).copy() for i in range(n)])

    def nll(self, tokens):
        """Of each token but the first."""
        self.clear()
        logits = self.decode(tokens)[:-1].astype(np.float64)
        logits -= logits.max(1, keepdims=True)
        return np.log(np.exp(logits).sum(1)) - logits[np.arange(len(tokens) - 1), tokens[1:]]

    def answer(self, question, limit=120):
        """Greedy, with the file's own ChatML."""
        self.clear()
        tokens, out = self.tokenize(f'<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n'), []
        while len(out) < limit:
            tokens = [int(self.decode(tokens)[-1].argmax())]
            if self.lib.llama_vocab_is_eog(self.vocab, tokens[0]):
                break
            out += tokens
        return self.text(out)


def main():
    llama = Llama(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else HERE / 'starter.gguf')
    folder = Path(sys.argv[2]).parent if len(sys.argv) > 2 else HERE
    expected = json.loads((folder / 'heldout.json').read_text())
    documents = [part + END for part in (folder / 'heldout.txt').read_text().split(END + '\n')[:-1]]
    sums, counts = {}, {}
    for document, entry in zip(documents, expected['documents'], strict=True):
        tokens = llama.tokenize(document)
        if len(tokens) != entry['tokens']:
            raise SystemExit(f'{len(tokens)} tokens, the trainer has {entry["tokens"]}: {document}')
        nll = llama.nll(tokens)
        for key in (entry['domain'], 'all'):
            sums[key] = sums.get(key, 0.0) + nll.sum()
            counts[key] = counts.get(key, 0) + len(nll)
    print(f'{"domain":12}{"tokens":>8}{"llama.cpp":>12}{"trainer":>12}{"off":>9}')
    for key in sorted(sums, key=lambda key: key == 'all'):
        found, trainer = sums[key] / counts[key], expected['q8_0'][key]
        print(f'{key:12}{counts[key]:8}{found:12.5f}{trainer:12.5f}{found / trainer - 1:9.3%}')
    for question in ASKS:
        print(f'\n> {question}\n{llama.answer(question)}')
    return int(abs(sums['all'] / counts['all'] / expected['q8_0']['all'] - 1) > 0.005)


if __name__ == '__main__':
    raise SystemExit(main())
