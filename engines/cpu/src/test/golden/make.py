#!/usr/bin/env python3
"""Has llama.cpp's own llama-server continue prompts greedily, for GoldenTest to compare.

    make.py LLAMA_SERVER

LLAMA_SERVER is built from the release that the Linux bundles carry; distro/bench/README.md says how. Writes
../resources/golden.json: per prompt its token ids, those of the continuation, and by how much (in logits) each of them was
the likeliest, since near a tie rounding decides.
"""
import json
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
STARTER = HERE.parents[4] / "distro/starter/starter.gguf"
TARGET = HERE.parent / "resources/golden.json"
TOKENS = 64
CHAT = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
PROMPTS = [CHAT.format(question) for question in (
    "What is Meshwork?", "How do I start it?", "how do I join a mesh?", "Tell me a story about a fox", "What is 7 plus 5?",
    "Write some SQL", "Can Meshwork split a model?", "Was ist das?")] + [
    "Once upon a time", "Once upon a time there was a brave child named", "12 + 30 =", "What is 8 times 9?",
    "SELECT name, age FROM users WHERE", "INSERT INTO orders", "{\"name\": \"", "[{\"id\": 1, \"items\": [", "def add(a, b):",
    "def ", "public final class Point {", "for (int i = 0; i <", "2026-09-28T12:00:00Z ERROR", "<note><to>", "<svg width=\"10\"",
    "The", " ", "zwölf Boxkämpfer jagen Viktor", "漢字", "import java.util."]


def request(port, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", data)) as response:
        return json.load(response)


def wait(port, server):
    while server.poll() is None:
        try:
            return request(port, "/health")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    sys.exit("llama-server ended")


def margin(step):
    best = step["top_logprobs"]
    return round(best[0]["logprob"] - best[1]["logprob"], 5)


def golden(port, text):
    answer = request(port, "/completion", {
        "prompt": text, "n_predict": TOKENS, "temperature": 0, "n_probs": 2, "return_tokens": True,
        "cache_prompt": False})
    prompt = request(port, "/tokenize", {"content": text, "add_special": True, "parse_special": True})["tokens"]
    steps = answer["completion_probabilities"]
    return {"text": text, "prompt": prompt, "tokens": [step["id"] for step in steps], "margins": [margin(step) for step in steps]}


def main():
    program = sys.argv[1]
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([program, "-m", STARTER, "--port", str(port), "-c", "1024", "-np", "1", "-t", "1", "--no-webui"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(port, server)
        prompts = [golden(port, text) for text in PROMPTS]
    finally:
        server.terminate()
        server.wait()
    lines = ",\n".join("\t\t" + json.dumps(prompt, ensure_ascii=False) for prompt in prompts)
    how = ", ".join(line for line in (version.stdout + version.stderr).splitlines() if line.startswith(("version", "built")))
    TARGET.write_text(f"{{\n\t\"made\": {json.dumps('llama-server, ' + how)},\n\t\"prompts\": [\n{lines}\n\t]\n}}\n")
    print(len(prompts), "prompts,", sum(m < 1e-3 for p in prompts for m in p["margins"]), "ties under 1e-3")


main()
