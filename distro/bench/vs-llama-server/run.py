#!/usr/bin/env python3
"""Meshwork beside llama-server of the same llama.cpp release, on the same file, context and slots, in turns; prints ratios of medians.

    distro/bench/vs-llama-server/run.py --peer FOLDER [--models starter,dense-q4_0] [--rows decode,prefix,long] [--rounds 5]
                                        [--threads N] [--poll N] [--peer-options '-kvu'] [--name NAME]

FOLDER has llama-server and llama-batched-bench (distro/bench/README.md tells how they are built); libraries that lie there too are used.
The models other than the starter are made by `meshwork bench model`. Results are written to distro/bench/vs-llama-server/results.
Build the node first. On a busy machine no figure means anything: each is printed as it comes, with its spread.
"""
import argparse
import http.client
import json
import os
import pathlib
import platform
import re
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
MESHWORK = str(ROOT / "meshwork")
SLOTS = 16
CONTEXT = 4608


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def healthy(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False


def model_file(name):
    if name == "starter":
        return ROOT / "distro/starter/starter.gguf"
    file = ROOT / "distro/bench/target" / f"{name}.gguf"
    if not file.exists():
        shape, weights = name.split("-")
        file.parent.mkdir(exist_ok=True)
        subprocess.run([MESHWORK, "bench", "model", "--shape", shape, "--weights", weights, str(file)], check=True)
    return file


class Server:
    def __init__(self, name, command, port, environment):
        self.name, self.port = name, port
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                                        env=environment)
        while not healthy(port):
            if self.process.poll() is not None:
                raise SystemExit(f"{name} ended with {self.process.returncode} before it was ready: {shlex.join(command)}")
            time.sleep(0.1)

    def memory_mb(self):
        """Of the largest process of its session: a launcher may stand before it."""
        largest = 0
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.getsid(int(process.name)) == self.process.pid:
                    rss = re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text())
                    largest = max(largest, int(rss.group(1)) if rss else 0)
            except (OSError, ProcessLookupError):
                pass
        return largest / 1024

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)


def bench(server, model, seed, *options):
    """One run of the load generator: the figures of its levels."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([MESHWORK, "bench", "--url", f"http://127.0.0.1:{server.port}", "--model", model, "--endpoint", "completions",
                        "--seed", str(seed), "--json", file.name, *map(str, options)], check=True, stdout=subprocess.DEVNULL)
        return json.load(open(file.name))["levels"]


def decode(server, model, seed):
    figures = {}
    for streams in (1, 4, 8, 16):
        level = bench(server, model, seed, "--concurrency", streams, "--prompt-tokens", 64, "--output-tokens", 96, "--requests", 2 * streams,
                      "--warmup", streams)[0]
        figures[f"tok/s, {streams} streams, prompts included"] = level["tokens_per_second"]
        figures[f"tok/s, {streams} streams"] = level["full_tokens_per_second"]
        figures[f"first token p50 ms, {streams} streams"] = level["first_token_ms"]["p50"]
        figures[f"next token p99 ms, {streams} streams"] = level["next_token_ms"]["p99"]
    return figures


def prefix(server, model, seed):
    level = bench(server, model, seed, "--concurrency", 16, "--prompt-tokens", 1564, "--shared-prefix", 1500, "--output-tokens", 16,
                  "--requests", 16, "--warmup", 0)[0]
    return {"first token p50 ms, 16 callers who share 1,500 tokens": level["first_token_ms"]["p50"]}


def long(server, model, seed):
    """Streams that run while prompts of 4,000 tokens come one after the other."""
    streams = []
    running = threading.Thread(target=lambda: streams.extend(bench(server, model, seed, "--concurrency", 4, "--prompt-tokens", 32,
                                                                    "--output-tokens", 300, "--requests", 8, "--warmup", 0)))
    running.start()
    time.sleep(1)
    level = bench(server, model, seed + 1000, "--concurrency", 1, "--prompt-tokens", 4000, "--output-tokens", 1, "--requests", 2, "--warmup", 0)[0]
    running.join()
    return {"next token p99 ms, 4 streams beside 4,000-token prompts": streams[0]["next_token_ms"]["p99"],
            "prompt tok/s, 4,000 tokens beside 4 streams": level["prompt_tokens_per_second"]}


ROWS = {"decode": decode, "prefix": prefix, "long": long}


def raw(folder, file, threads, environment):
    """What the library alone does: tokens a second of llama-batched-bench, by streams."""
    program = folder / "llama-batched-bench"
    if not program.exists():
        return {}
    out = subprocess.run([str(program), "-m", str(file), "-c", "8192", "-t", str(threads), "-npp", "64", "-ntg", "96", "-npl", "1,4,8,16"],
                         capture_output=True, text=True, env=environment).stdout
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in out.splitlines() if re.match(r"\|\s+\d", line)]
    return {f"tok/s, {row[2]} streams": float(row[7]) for row in rows}


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--peer", type=pathlib.Path, required=True)
    options.add_argument("--models", default="starter,dense-q4_0,dense-q8_0,moe-q4_0")
    options.add_argument("--rows", default="decode,prefix,long")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--threads", type=int, default=os.cpu_count(), help="of the peer, and of the raw limit")
    options.add_argument("--poll", type=int, default=50, help="of the peer")
    options.add_argument("--peer-options", default="")
    options.add_argument("--name", default=time.strftime("%Y-%m-%d"))
    options = options.parse_args()
    peer = options.peer.resolve()
    environment = dict(os.environ, LD_LIBRARY_PATH=str(peer))
    results = {}
    for model in options.models.split(","):
        file = model_file(model)
        data = tempfile.mkdtemp(prefix="meshwork-bench-")
        ports = free_port(), free_port()
        servers = []
        figures = {"meshwork": [], "llama-server": [], "raw": []}
        try:
            servers.append(Server("meshwork", [MESHWORK, "serve", "--port", str(ports[0]), "--model", str(file), "--data", data,
                                               "--parallel", str(SLOTS), "--ctx-size", str(CONTEXT)], ports[0], dict(os.environ)))
            servers.append(Server("llama-server", [str(peer / "llama-server"), "-m", str(file), "--port", str(ports[1]), "-c",
                                                   str(SLOTS * CONTEXT), "-np", str(SLOTS), "-t", str(options.threads), "--poll",
                                                   str(options.poll), *shlex.split(options.peer_options)], ports[1], environment))
            for round in range(options.rounds):
                for server in servers if round % 2 else reversed(servers):
                    row = {}
                    for name in options.rows.split(","):
                        row |= ROWS[name](server, file.stem, 100 * round + 7)
                    figures[server.name].append(row | {"resident MB": server.memory_mb()})
                if "decode" in options.rows:
                    figures["raw"].append(raw(peer, file, options.threads, environment))
        finally:
            for server in servers:
                server.stop()
            shutil.rmtree(data, ignore_errors=True)
        results[model] = figures
        print(table(model, figures), flush=True)
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    head = {"cpu": cpu, "cores": os.cpu_count(), "rounds": options.rounds, "peer": {"threads": options.threads, "poll": options.poll,
                                                                                   "options": options.peer_options}}
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{options.name}.json").write_text(json.dumps(head | {"results": results}, indent=1) + "\n")
    text = [f"{cpu}, {os.cpu_count()} cores; medians of {options.rounds} rounds in turns; the peer has -t {options.threads} --poll {options.poll}"
            f" {options.peer_options}", ""]
    (HERE / "results" / f"{options.name}.md").write_text("\n".join(text + [table(model, each) for model, each in results.items()]))


def table(model, figures):
    medians = {name: {key: statistics.median(run[key] for run in runs) for key in (runs[0] if runs else {})} for name, runs in figures.items()}
    lines = [f"### {model}", "", "| | Meshwork | llama-server | ratio | spread of ratios | of the raw limit |", "|---|---|---|---|---|---|"]
    for key, ours in medians["meshwork"].items():
        theirs = medians["llama-server"][key]
        ratios = sorted(a[key] / b[key] for a, b in zip(figures["meshwork"], figures["llama-server"]) if b[key])
        limit = medians["raw"].get(key)
        lines.append(f"| {key} | {ours:.1f} | {theirs:.1f} | {ours / theirs if theirs else 0:.2f} | "
                     f"{ratios[0]:.2f}–{ratios[-1]:.2f} | {f'{ours / limit:.2f} of {limit:.1f}' if limit else ''} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
