package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sixteen callers for a while: some leave in the middle, some send nonsense, some read slowly. Nothing goes wrong that was not asked for, and
 * nothing is left behind. {@code -Dsoak.minutes=60} makes it an hour.
 */
class SoakTest {

	private static final int CALLERS = 16;
	private static final Duration TIME = Duration.ofSeconds(Math.round(60 * Double.parseDouble(System.getProperty("soak.minutes", "2"))));
	private static final String TALK = """
			{"model": "starter", "messages": [{"role": "user", "content": "%s"}], "max_tokens": %d, "stream": %b, "n": %d, "temperature": %s}""";
	private static final String SCHEMA = """
			{"model": "starter", "messages": [{"role": "user", "content": "%s"}], "max_tokens": 200, "response_format": {"type": "json_schema",
			"json_schema": {"name": "n", "schema": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 99}},
			"required": ["n"], "additionalProperties": false}}}}""";

	@TempDir
	Path data;
	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
	private final Map<String, AtomicLong> done = new ConcurrentSkipListMap<>();
	private final List<String> wrong = new CopyOnWriteArrayList<>();

	/** What the process holds. */
	private record Footprint(long memory_kB, long threads, long descriptors) {
	}

	@Test
	void nothingGoesWrongAndNothingIsLeftBehind() throws Exception {
		// what is remembered of prompts grows up to its bound, which is soon reached here
		Files.writeString(Files.createDirectories(data.resolve("conf")).resolve("meshwork.runtime.json"), "{\"cacheBytes\": 8000000}");
		try (var node = new Distribution.Node(data, "--parallel", Integer.toString(CALLERS), "--ctx-size", "512")) {
			Instant end = Instant.now().plus(TIME);
			var callers = new ArrayList<Thread>();
			for (int i = 0; i < CALLERS; i++) {
				var random = new SplittableRandom(i);
				callers.add(Thread.ofVirtual().start(() -> call(node.url(), random, end)));
			}
			var footprints = new ArrayList<Footprint>();
			while (Instant.now().isBefore(end)) {
				Thread.sleep(TIME.dividedBy(60));
				node.footprint().ifPresent(each -> footprints.add(new Footprint(each.get("VmRSS"), each.get("Threads"), each.get("descriptors"))));
			}
			for (Thread caller : callers)
				caller.join();
			assertEquals(List.of(), wrong.stream().limit(10).toList(), done + "");
			assertTrue(done.values().stream().allMatch(count -> count.get() > 0) && done.size() == Kind.values().length, done + "");
			awaitIdle(node.url());
			assertEquals("flat", growth(footprints), footprints + "");
		}
	}

	private enum Kind {
		TO_THE_END, LEAVES, READS_SLOWLY, IN_ONE_PIECE, SEVERAL, SCHEMA, NONSENSE, TOO_LONG, UNKNOWN
	}

	private void call(String url, SplittableRandom random, Instant end) {
		while (Instant.now().isBefore(end) && wrong.size() < 100) {
			Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
			try {
				call(url, kind, random);
				done.computeIfAbsent(kind.name(), _ -> new AtomicLong()).incrementAndGet();
			} catch (IOException | RuntimeException e) {
				wrong.add(kind + ": " + e);
			} catch (InterruptedException e) {
				return;
			}
		}
	}

	private void call(String url, Kind kind, SplittableRandom random) throws IOException, InterruptedException {
		String question = "Tell me about " + random.nextInt(40) + " things of Meshwork";
		int most = random.nextInt(5, 80);
		String talk = TALK.formatted(question, most, true, 1, random.nextBoolean() ? "0" : "1");
		switch (kind) {
			case TO_THE_END -> read(url, talk, Integer.MAX_VALUE, 0);
			case LEAVES -> read(url, talk, random.nextInt(20), 0);
			case READS_SLOWLY -> read(url, talk, Integer.MAX_VALUE, 20);
			case IN_ONE_PIECE -> expect(200, "\"finish_reason\":", url, TALK.formatted(question, most, false, 1, "0.7"));
			case SEVERAL -> expect(200, "\"index\":2", url, TALK.formatted(question, most, false, 3, "1"));
			case SCHEMA -> expect(200, "\\\"n\\\":", url, SCHEMA.formatted(question));
			case NONSENSE -> {
				var nonsense = new StringBuilder(talk);
				nonsense.setLength(random.nextInt(1, nonsense.length() - 1));
				expect(400, "\"error\"", url, nonsense.toString());
			}
			case TOO_LONG -> expect(400, "context_length_exceeded", url, TALK.formatted("many words ".repeat(600), most, true, 1, "0"));
			case UNKNOWN -> expect(404, "model_not_found", url, talk.replace("\"starter\"", "\"missing\""));
		}
	}

	private static HttpRequest post(String url, String body) {
		return HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions")).header("Content-Type", "application/json")
				.timeout(Duration.ofMinutes(2)).POST(BodyPublishers.ofString(body)).build();
	}

	/** Reads a stream, some events of it or all, and checks that it is whole if it was read to the end. */
	private void read(String url, String body, int events, long pause_ms) throws IOException, InterruptedException {
		HttpResponse<InputStream> response = client.send(post(url, body), BodyHandlers.ofInputStream());
		try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
			check(response.statusCode() == 200, "status " + response.statusCode());
			boolean finished = false;
			String line = lines.readLine();
			for (int i = 0; i < events && line != null && !line.equals("data: [DONE]"); line = lines.readLine()) {
				if (line.isEmpty())
					continue;
				i++;
				check(line.startsWith("data: {") && !line.startsWith("data: {\"error\""), line);
				finished |= line.contains("\"finish_reason\":\"");
				Thread.sleep(pause_ms);
			}
			check(events != Integer.MAX_VALUE || finished && line != null, "the stream broke off");
		}
	}

	private void expect(int status, String part, String url, String body) throws IOException, InterruptedException {
		HttpResponse<String> response = client.send(post(url, body), BodyHandlers.ofString());
		check(response.statusCode() == status && response.body().contains(part), response.statusCode() + " " + response.body());
	}

	private static void check(boolean right, String otherwise) {
		if (!right)
			throw new IllegalStateException(otherwise);
	}

	/** The places are all free, after a moment for those who left at the end. */
	private void awaitIdle(String url) throws IOException, InterruptedException {
		String slots = "";
		for (int i = 0; i < 100; i++) {
			slots = client.send(HttpRequest.newBuilder(URI.create(url + "/slots")).build(), BodyHandlers.ofString()).body();
			if (!slots.contains("\"is_processing\":true"))
				return;
			Thread.sleep(100);
		}
		throw new AssertionError("places are still taken: " + slots);
	}

	/** Whether the last quarter is above the second, in which everything is warm. */
	private static String growth(List<Footprint> footprints) {
		if (footprints.isEmpty())
			return "flat";
		int quarter = footprints.size() / 4;
		Footprint before = typical(footprints.subList(quarter, 2 * quarter));
		Footprint after = typical(footprints.subList(3 * quarter, footprints.size()));
		var grown = new TreeMap<String, String>();
		if (after.memory_kB() > 2 * before.memory_kB() + 64_000)
			grown.put("memory", before.memory_kB() + " to " + after.memory_kB() + " kB");
		if (after.threads() > before.threads() + 8)
			grown.put("threads", before.threads() + " to " + after.threads());
		if (after.descriptors() > before.descriptors() + CALLERS)
			grown.put("descriptors", before.descriptors() + " to " + after.descriptors());
		return grown.isEmpty() ? "flat" : grown.toString();
	}

	private static Footprint typical(List<Footprint> some) {
		return new Footprint(median(some.stream().mapToLong(Footprint::memory_kB).sorted().toArray()),
				median(some.stream().mapToLong(Footprint::threads).sorted().toArray()),
				median(some.stream().mapToLong(Footprint::descriptors).sorted().toArray()));
	}

	private static long median(long[] sorted) {
		return sorted[sorted.length / 2];
	}
}
