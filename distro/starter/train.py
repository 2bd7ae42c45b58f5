"""Makes the starter model: text, tokenizer, training, GGUF, held-out text with its losses.

python3 train.py                                  everything, into this folder
python3 train.py --export CHECKPOINT --type f16   a GGUF of a checkpoint
"""
import argparse
import json
import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')    # the threads are ours: each takes a part of the batch

import numpy as np

import gguf
import text
from bpe import SPECIAL, Tokenizer, merges_of
from model import AdamW, Config, Model, Weights, initial_weights

HERE = Path(__file__).parent
DESCRIPTION = ('The small model in the box of Meshwork: a proof of life and a test fixture, not an assistant. Trained on text that a '
               'script made; it knows a few things about Meshwork and nothing about the world.')
END = SPECIAL[0]


def rows_of(documents, length, rng):
    """Packs shuffled documents into rows: tokens and segment numbers, both [rows][length]; longer ones are cut."""
    pieces = [doc[at:at + length] for doc in documents for at in range(0, len(doc), length)]
    rng.shuffle(pieces)
    done, open_rows = [], []
    for piece in pieces:
        row = next((r for r in open_rows if sum(map(len, r)) + len(piece) <= length), None)
        if row is None:
            row = []
            open_rows.append(row)
        row.append(piece)
        if len(open_rows) > 32:
            done.append(open_rows.pop(0))
    done += open_rows
    rng.shuffle(done)
    tokens, segments = np.zeros((len(done), length), np.int64), np.full((len(done), length), -1)
    for i, row in enumerate(done):
        at = 0
        for number, piece in enumerate(row):
            tokens[i, at:at + len(piece)] = piece
            segments[i, at:at + len(piece)] = number
            at += len(piece)
    return tokens, segments


def batches(documents, length, n_tokens, rng):
    """Batches of about n_tokens, for ever."""
    while True:
        tokens, segments = rows_of(documents, length, rng)
        n = n_tokens // length
        for at in range(0, len(tokens) - n + 1, n):
            yield tokens[at:at + n], segments[at:at + n]


def losses(model, documents):
    """Mean negative log-likelihood per domain and over all, of (domain, tokens) each scored alone."""
    sums, counts = {}, {}
    for domain, tokens in documents:
        for key in (domain, 'all'):
            sums[key] = sums.get(key, 0.0)
            counts[key] = counts.get(key, 0) + len(tokens) - 1
        nll = float(model.nll(tokens).sum())
        sums[domain] += nll
        sums['all'] += nll
    return {key: round(sums[key] / counts[key], 5) for key in sorted(sums, key=lambda key: (key == 'all', key))}


def save(path, config, weights, tokenizer):
    np.savez(path, flat=weights.flat, config=json.dumps(asdict(config)), merges=json.dumps(tokenizer.merges))


def load(path):
    with np.load(path) as file:
        config = Config(**json.loads(str(file['config'])))
        weights = Weights(config)
        weights.flat[:] = file['flat']
        return config, weights, Tokenizer(json.loads(str(file['merges'])))


def train(args, config, tokenizer, training, held_out):
    """Trains and returns the weights and the log; a checkpoint after every --every steps."""
    weights = initial_weights(config, args.seed)
    model = Model(config, weights)
    optimizer = AdamW(weights, args.decay)
    parts = [Weights(config) for _ in range(args.threads)]
    rng = np.random.default_rng(args.seed)
    short, long = (batches(training, n, args.batch, rng) for n in (args.length, args.long))
    history, seen, began, last = [], 0, time.time(), time.time()
    with ThreadPoolExecutor(args.threads) as pool:
        for step in range(args.steps):
            tokens, segments = next(long if step >= args.steps * (1 - args.long_share) else short)
            count = int((segments >= 0).sum())
            cut = [slice(i, None, args.threads) for i in range(args.threads)]

            def work(part, rows):
                part.flat[:] = 0
                return model.loss(tokens[rows], segments[rows], part, 1 / count, len(tokens[rows]) / len(tokens))

            found = list(pool.map(work, parts, cut))
            for part in parts[1:]:
                parts[0].flat += part.flat
            rate = args.rate * min(1, (step + 1) / args.warmup)
            rate *= 0.02 + 0.98 * (1 + math.cos(math.pi * max(0, step - args.warmup) / (args.steps - args.warmup))) / 2
            norm = optimizer.step(parts[0].flat, rate, 1.0)
            seen += count
            if (step + 1) % 25 == 0 or step == 0:
                entry = {'step': step + 1, 'loss': round(sum(f[0] for f in found) / sum(f[1] for f in found), 4),
                         'balance': round(sum(f[2] for f in found) / len(found) / config.n_layers, 3), 'norm': round(norm, 3),
                         'rate': round(rate, 6), 'tokens': seen, 'seconds': round(time.time() - began)}
                if (step + 1) % args.every == 0 or step + 1 == args.steps:
                    entry['held_out'] = losses(model, held_out)
                    save(args.work / 'checkpoint.npz', config, weights, tokenizer)
                history.append(entry)
                print(json.dumps(entry), flush=True)
    return weights, {'steps': args.steps, 'tokens': seen, 'seconds': round(time.time() - began), 'seed': args.seed,
                     'batch_tokens': args.batch, 'length': args.length, 'long': args.long, 'long_share': args.long_share,
                     'rate': args.rate, 'decay': args.decay, 'documents': args.documents, 'numpy': np.__version__,
                     'parameters': len(weights.flat), 'config': asdict(config), 'history': history}


def publish(args, config, weights, tokenizer, held_out, log):
    """The GGUF, the held-out text and what the trainer says of it, the log."""
    gguf.write(args.out / 'starter.gguf', config, weights, tokenizer, args.type, args.name, DESCRIPTION)
    fixture, budget = [], {domain: 1500 for domain in text.SHARES}
    for domain, document, tokens in held_out:
        if len(tokens) <= budget[domain]:
            budget[domain] -= len(tokens)
            fixture.append((domain, document, tokens))
    (args.out / 'heldout.txt').write_text(''.join(document + '\n' for _, document, _ in fixture))
    model = Model(config, weights)
    scored = [(domain, tokens) for domain, _, tokens in fixture]
    exact = losses(model, scored)
    all_held_out = losses(model, [(domain, tokens) for domain, _, tokens in held_out])
    gguf.as_loaded(config, weights)
    documents = [{'domain': domain, 'tokens': len(tokens), 'nll': round(float(model.nll(tokens).mean()), 5)} for domain, tokens in scored]
    (args.out / 'heldout.json').write_text(json.dumps({
        'how': 'heldout.txt holds documents; each ends with <|endoftext|>, which belongs to it, and a line feed, which does not. '
               'Each is tokenized alone (special tokens recognised, no BOS) and scored alone from position 0 in one window: tokens 2 to n, '
               'each given all before it. nll of a document is the mean over those n - 1; of a domain and of all, the mean over all such tokens.',
        'float': exact, 'q8_0': losses(model, scored), 'documents': documents}, indent=1) + '\n')
    if log:
        log['held_out'] = {'documents': len(held_out), 'float': all_held_out, 'q8_0': losses(model, [(d, t) for d, _, t in held_out])}
        lines = [json.dumps(entry) for entry in log.pop('history')]
        (args.out / 'log.json').write_text(json.dumps(log, indent=1)[:-2] + ',\n "history": [\n  ' + ',\n  '.join(lines) + '\n ]\n}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=HERE)
    parser.add_argument('--work', type=Path, default=HERE / 'build', help='checkpoints')
    parser.add_argument('--export', type=Path, metavar='CHECKPOINT', help='only write the GGUF of this checkpoint')
    parser.add_argument('--type', choices=gguf.TYPES, default='q8_0')
    parser.add_argument('--name', default='Meshwork Starter')
    parser.add_argument('--seed', type=int, default=9337)
    parser.add_argument('--documents', type=int, default=48000)
    parser.add_argument('--held-out', type=int, default=900)
    parser.add_argument('--steps', type=int, default=2100)
    parser.add_argument('--batch', type=int, default=4096, help='tokens')
    parser.add_argument('--length', type=int, default=256, help='tokens in a row')
    parser.add_argument('--long', type=int, default=1024, help='tokens in a row towards the end')
    parser.add_argument('--long-share', type=float, default=0.12, help='of the steps')
    parser.add_argument('--rate', type=float, default=3e-3)
    parser.add_argument('--warmup', type=int, default=60)
    parser.add_argument('--decay', type=float, default=0.05)
    parser.add_argument('--every', type=int, default=100)
    parser.add_argument('--threads', type=int, default=2)
    for field, value in asdict(Config()).items():
        parser.add_argument('--' + field.replace('_', '-'), type=type(value), default=value)
    args = parser.parse_args()
    if args.export:
        config, weights, tokenizer = load(args.export)
        gguf.write(args.out / 'starter.gguf', config, weights, tokenizer, args.type, args.name, DESCRIPTION)
        return
    args.work.mkdir(exist_ok=True)
    config = Config(**{field: getattr(args, field) for field in asdict(Config())})
    made = [(domain, document + END) for domain, document in text.documents(args.documents, args.seed)]
    held, kept = made[:args.held_out], made[args.held_out:]
    tokenizer = Tokenizer(merges_of([document for _, document in kept[:12000]], config.n_vocab - 256 - len(SPECIAL)))
    training = [tokenizer.encode(document) for _, document in kept]
    held_out = [(domain, document, tokenizer.encode(document)) for domain, document in held]
    print(f'{len(kept)} documents, {sum(map(len, training))} tokens', flush=True)
    quick = [(domain, tokens) for domain, _, tokens in held_out[:150]]
    weights, log = train(args, config, tokenizer, training, quick)
    publish(args, config, weights, tokenizer, held_out, log)


if __name__ == '__main__':
    main()
