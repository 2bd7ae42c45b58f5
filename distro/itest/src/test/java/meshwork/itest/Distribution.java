package meshwork.itest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The node as it is shipped, started as people start it: by its script, on whatever JDK that finds. */
final class Distribution {

	static final Path HOME = Path.of(System.getProperty("meshwork.distribution")).toAbsolutePath().normalize();
	static final Path STARTER = HOME.resolve("models/starter.gguf");

	private Distribution() {
	}

	/** What a command printed, and how it ended. */
	record Outcome(int code, String out, String err) {
	}

	/** Runs a command of the distribution to its end. */
	static Outcome run(Path data, String... arguments) throws IOException, InterruptedException {
		return runWith("", data, arguments);
	}

	/** Runs a command of the distribution to its end, with something to read. */
	static Outcome runWith(String input, Path data, String... arguments) throws IOException, InterruptedException {
		Path folder = Files.createTempDirectory("meshwork-itest");
		Path out = folder.resolve("out");
		Path err = folder.resolve("err");
		try {
			Process process = command(data, arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
			try (var stdin = process.getOutputStream()) {
				stdin.write(input.getBytes());
			}
			if (!process.waitFor(2, TimeUnit.MINUTES)) {
				process.destroyForcibly();
				throw new AssertionError("meshwork %s did not end; it said: %s%s".formatted(String.join(" ", arguments), Files.readString(out),
						Files.readString(err)));
			}
			return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
		} finally {
			Files.deleteIfExists(out);
			Files.deleteIfExists(err);
			Files.delete(folder);
		}
	}

	static ProcessBuilder command(Path data, String... arguments) {
		List<String> command = new ArrayList<>(List.of(HOME.resolve("bin/meshwork").toString()));
		command.addAll(Arrays.asList(arguments));
		var builder = new ProcessBuilder(command);
		builder.environment().keySet().removeIf(name -> name.startsWith("MESHWORK_"));
		builder.environment().put("MESHWORK_DATA", data.toString());
		return builder;
	}

	/** A node in the foreground; closing it tells it to stop and waits. */
	static final class Node implements AutoCloseable {

		private final Process process;
		private final StringBuilder said = new StringBuilder();
		private final String url;

		/** Starts {@code meshwork serve} on any port and waits until it says where it listens. */
		Node(Path data, String... arguments) throws IOException {
			List<String> all = new ArrayList<>(List.of("serve", "--port", "0"));
			all.addAll(Arrays.asList(arguments));
			process = command(data, all.toArray(String[]::new)).redirectErrorStream(true).start();
			url = awaitUrl(process.getInputStream());
			Thread.ofVirtual().start(this::readOn);
		}

		private String awaitUrl(InputStream output) throws IOException {
			int read;
			while ((read = output.read()) >= 0) {
				said.append((char) read);
				int at = said.indexOf("  stop ");
				if (at >= 0 && said.indexOf("\n", at) > 0)
					return said.toString().replaceAll("(?s).*API +(\\S+?)/v1\\s.*", "$1");
			}
			throw new AssertionError("the node ended before it was ready: " + said);
		}

		/** So that it never waits for somebody to read what it logs. */
		private void readOn() {
			try {
				process.getInputStream().transferTo(OutputStream.nullOutputStream());
			} catch (IOException e) {
				// it ended
			}
		}

		/** What the node's process holds, as Linux tells it: kB of memory, threads, descriptors; empty where that isn't told. */
		Optional<Map<String, Long>> footprint() throws IOException {
			var largest = new HashMap<String, Long>();
			for (ProcessHandle each : Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList()) {
				Path proc = Path.of("/proc", Long.toString(each.pid()));
				if (!Files.isReadable(proc.resolve("status")))
					continue;
				var held = new HashMap<String, Long>();
				for (String line : Files.readAllLines(proc.resolve("status")))
					if (line.startsWith("VmRSS:") || line.startsWith("Threads:"))
						held.put(line.substring(0, line.indexOf(':')), Long.parseLong(line.replaceAll("\\D", "")));
				try (var descriptors = Files.list(proc.resolve("fd"))) {
					held.put("descriptors", descriptors.count());
				}
				if (held.getOrDefault("VmRSS", 0L) > largest.getOrDefault("VmRSS", 0L))
					largest = held;
			}
			return largest.isEmpty() ? Optional.empty() : Optional.of(largest);
		}

		/** Waits until it computes nothing for anybody, and nobody waits for it. */
		void awaitIdle(String key) throws IOException, InterruptedException {
			var request = HttpRequest.newBuilder(URI.create(url + "/metrics")).header("Authorization", "Bearer " + key).build();
			try (HttpClient client = HttpClient.newHttpClient()) {
				String metrics;
				do {
					metrics = client.send(request, BodyHandlers.ofString()).body();
					if (!metrics.contains("\nllamacpp:requests_processing{"))
						throw new AssertionError(metrics);
				} while (metrics.lines().anyMatch(line -> line.matches("llamacpp:requests_(processing|deferred)\\{.*} [1-9].*")));
			}
		}

		/** Such as {@code http://127.0.0.1:40123}. */
		String url() {
			return url;
		}

		/** What it printed until it was ready. */
		String said() {
			return said.toString();
		}

		/** Tells it to stop, as Ctrl-C does, and waits for its exit code. */
		int stop() throws InterruptedException {
			process.destroy();
			if (!process.waitFor(30, TimeUnit.SECONDS)) {
				process.destroyForcibly();
				throw new AssertionError("the node did not stop");
			}
			return process.exitValue();
		}

		@Override
		public void close() throws InterruptedException {
			stop();
		}
	}
}
