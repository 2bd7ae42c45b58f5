#!/usr/bin/env python3
"""Times a node from the command to the first token, beside llama-server on the same file.

    distro/bench/start/run.py [--runs 7] [--llama-server PATH] [--json FILE]

Each run starts the server, waits until /health says that it is ready, streams one short greedy chat completion, reads the
resident memory, then stops the server. Runs of the two servers alternate; medians count. Build the node first.
"""
import argparse
import http.client
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
MODEL = ROOT / "distro/starter/starter.gguf"
BODY = json.dumps({"model": "starter", "stream": True, "temperature": 0, "max_tokens": 32,
                   "messages": [{"role": "user", "content": "What is Meshwork?"}]})


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    except OSError:
        return 0
    finally:
        connection.close()


def first_token_ms(port):
    """Milliseconds from sending the request to the first event that carries text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begin = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", BODY, {"Content-Type": "application/json"})
    response = connection.getresponse()
    first = None
    for line in response:
        if line.startswith(b"data: {"):
            choices = json.loads(line[6:])["choices"]
            if first is None and choices and choices[0]["delta"].get("content"):
                first = (time.perf_counter() - begin) * 1000
    connection.close()
    return first


def resident_mb(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def once(command, port):
    """One start of a server."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        while get(port, "/health") != 200:
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {process.returncode} before it was ready")
            time.sleep(0.005)
        ready = (time.perf_counter() - begin) * 1000
        first, second = first_token_ms(port), first_token_ms(port)
        memory = resident_mb(process.pid)
        begin = time.perf_counter()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
    return {"ready_ms": ready, "first_token_ms": first, "next_first_token_ms": second, "resident_mb": memory,
            "stop_ms": (time.perf_counter() - begin) * 1000}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--llama-server", help="llama-server of the same llama.cpp release, to run beside it")
    options.add_argument("--json", help="where to write the figures")
    options = options.parse_args()
    data = tempfile.mkdtemp(prefix="meshwork-bench-")
    servers = {"meshwork": lambda port: [str(ROOT / "meshwork"), "serve", "--port", str(port), "--data", data]}
    if options.llama_server:
        servers["llama-server"] = lambda port: [options.llama_server, "-m", str(MODEL), "--port", str(port), "-c", "8192", "-np", "4",
                                                "-t", "1", "--alias", "starter", "--jinja"]
    figures = {name: [] for name in servers}
    try:
        for run in range(options.runs + 1):
            for name, command in servers.items():
                port = free_port()
                figure = once(command(port), port)
                if run:  # the first start of a node fills its caches
                    figures[name].append(figure)
    finally:
        shutil.rmtree(data, ignore_errors=True)
    medians = {name: {key: round(statistics.median(run[key] for run in runs), 1) for key in runs[0]} for name, runs in figures.items()}
    width = max(map(len, medians))
    for name, row in medians.items():
        print(name.ljust(width), "  ".join(f"{key} {value}" for key, value in row.items()))
    if options.json:
        cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
        json.dump({"cpu": cpu, "cores": os.cpu_count(), "runs": options.runs, "medians": medians, "all": figures},
                  open(options.json, "w"), indent=1)


main()
