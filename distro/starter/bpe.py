"""Byte-level BPE as llama.cpp's tokenizer model "gpt2" with pre-tokenizer "gpt-2" does it, for ASCII text."""
import re
from collections import Counter, defaultdict

SPECIAL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']

_WORD = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")
_SPECIAL = re.compile('(' + '|'.join(map(re.escape, SPECIAL)) + ')')


def byte_alphabet():
    """The printable character that stands for each byte in token strings (GPT-2)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet, extra = {b: chr(b) for b in printable}, 0
    for b in range(256):
        if b not in alphabet:
            alphabet[b] = chr(256 + extra)
            extra += 1
    return alphabet


ALPHABET = byte_alphabet()


def merges_of(texts, n):
    """The n most frequent merges, greedily. Digits never merge: a number is its digits."""
    counts = Counter(word for text in texts for part in _SPECIAL.split(text) if part not in SPECIAL
                     for word in _WORD.findall(part))
    words = [[ALPHABET[b] for b in word.encode()] for word in counts]
    weights = list(counts.values())
    pairs, where = Counter(), defaultdict(set)

    def count(index, sign):
        word = words[index]
        for pair in zip(word, word[1:]):
            if not any(ch.isdigit() for ch in pair[0] + pair[1]):
                pairs[pair] += sign * weights[index]
                where[pair].add(index)

    for index in range(len(words)):
        count(index, 1)
    merges = []
    while len(merges) < n:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for index in list(where.pop(best)):
            count(index, -1)
            words[index] = merged(words[index], best)
            count(index, 1)
        del pairs[best]
    return merges


def merged(word, pair):
    out, i = [], 0
    while i < len(word):
        if i + 1 < len(word) and (word[i], word[i + 1]) == pair:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return out


class Tokenizer:
    """Bytes first, then merges in order, the special tokens last."""

    def __init__(self, merges):
        self.merges = [tuple(m) for m in merges]
        self.tokens = [ALPHABET[b] for b in range(256)] + [a + b for a, b in self.merges] + SPECIAL
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self.ranks = {pair: i for i, pair in enumerate(self.merges)}
        self.words = {}

    def encode(self, text):
        """Token ids; special tokens in the text are recognised."""
        out = []
        for part in _SPECIAL.split(text):
            if part in SPECIAL:
                out.append(self.ids[part])
                continue
            for word in _WORD.findall(part):
                found = self.words.get(word)
                if found is None:
                    found = self.words[word] = self.encode_word(word)
                out += found
        return out

    def encode_word(self, word):
        parts = [ALPHABET[b] for b in word.encode()]
        while len(parts) > 1:
            best = min(zip(parts, parts[1:]), key=lambda pair: self.ranks.get(pair, len(self.ranks)))
            if best not in self.ranks:
                break
            parts = merged(parts, best)
        return [self.ids[part] for part in parts]

    def decode(self, ids):
        back = {ch: b for b, ch in ALPHABET.items()}
        return b''.join(self.tokens[i].encode() if self.tokens[i] in SPECIAL else bytes(back[ch] for ch in self.tokens[i])
                        for i in ids).decode(errors='replace')
