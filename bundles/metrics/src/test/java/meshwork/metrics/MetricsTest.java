package meshwork.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import meshwork.api.inference.Activity;
import meshwork.api.inference.Activity.Done;
import meshwork.api.inference.Activity.Memory;
import meshwork.api.inference.Activity.Running;
import meshwork.api.inference.Activity.Times;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;
import meshwork.http.StandaloneServer;

/** {@code /metrics} on a real server, of a model that is made up. */
@Timeout(60)
class MetricsTest {

	private static final HttpClient CLIENT = HttpClient.newHttpClient();

	private static final Times TIMES = new Times(new double[] { 0.1, 1 }, new long[] { 3, 2, 1 }, 7.5);
	private static final Activity ACTIVITY = new Activity("tiny", Instant.EPOCH, 4,
			List.of(new Running(0, "req", "alice", 10, 4, 10, 5, Duration.ofSeconds(1), 5)), 2, new Memory(1000, 250, 100, 3, 4096),
			new Done(10, 2, 1, 600, 300, 400, 2, 8, 100, 150, 77, TIMES, TIMES, TIMES, TIMES));

	private record OneModel() implements Models {
		@Override
		public List<ServedModel> list() {
			return List.of();
		}

		@Override
		public Optional<ServedModel> find(String id) {
			return Optional.empty();
		}

		@Override
		public ServedModel load(ModelSettings settings) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void unload(String id) {
			throw new UnsupportedOperationException();
		}

		@Override
		public List<Activity> activity() {
			return List.of(ACTIVITY);
		}
	}

	private static HttpResponse<String> scrape(Map<String, Object> config, String... headers) throws Exception {
		var metrics = new MetricsEndpoint();
		metrics.set(new OneModel());
		try (var server = new StandaloneServer(config)) {
			server.register(metrics, "/metrics");
			return get(server, "/metrics", headers);
		}
	}

	private static HttpResponse<String> get(StandaloneServer server, String path, String... headers) throws IOException, InterruptedException {
		var request = HttpRequest.newBuilder(server.uri().resolve(path));
		if (headers.length > 0)
			request.headers(headers);
		return CLIENT.send(request.build(), BodyHandlers.ofString());
	}

	private static void says(String text, String... lines) {
		for (String line : lines)
			assertTrue(text.lines().anyMatch(line::equals), "'%s' is missing in:%n%s".formatted(line, text));
	}

	@Test
	void theFiguresOfLlamaServerHaveItsNames() throws Exception {
		says(scrape(Map.of()).body(), "# TYPE llamacpp:prompt_tokens_total counter", "llamacpp:prompt_tokens_total{model=\"tiny\"} 600.0",
				"llamacpp:prompt_seconds_total{model=\"tiny\"} 2.0", "llamacpp:prompt_tokens_seconds{model=\"tiny\"} 300.0",
				"llamacpp:tokens_predicted_total{model=\"tiny\"} 400.0", "llamacpp:tokens_predicted_seconds_total{model=\"tiny\"} 8.0",
				"llamacpp:predicted_tokens_seconds{model=\"tiny\"} 50.0", "llamacpp:requests_processing{model=\"tiny\"} 1.0",
				"llamacpp:requests_deferred{model=\"tiny\"} 2.0", "llamacpp:n_tokens_max{model=\"tiny\"} 77.0",
				"llamacpp:n_decode_total{model=\"tiny\"} 100.0", "llamacpp:n_busy_slots_per_decode{model=\"tiny\"} 1.5",
				"llamacpp:kv_cache_usage_ratio{model=\"tiny\"} 0.25");
	}

	@Test
	void latenciesAreHistograms() throws Exception {
		String text = scrape(Map.of()).body();
		for (String name : List.of("queue", "first_token", "next_token", "request"))
			says(text, "# TYPE meshwork_%s_seconds histogram".formatted(name), "meshwork_%s_seconds_bucket{model=\"tiny\",le=\"0.1\"} 3".formatted(name),
					"meshwork_%s_seconds_bucket{model=\"tiny\",le=\"1.0\"} 5".formatted(name),
					"meshwork_%s_seconds_bucket{model=\"tiny\",le=\"+Inf\"} 6".formatted(name), "meshwork_%s_seconds_count{model=\"tiny\"} 6".formatted(name),
					"meshwork_%s_seconds_sum{model=\"tiny\"} 7.5".formatted(name));
		says(text, "meshwork_requests_total{model=\"tiny\",outcome=\"completed\"} 7.0", "meshwork_requests_total{model=\"tiny\",outcome=\"cancelled\"} 2.0",
				"meshwork_places{model=\"tiny\"} 4.0", "meshwork_kv_cells_kept{model=\"tiny\"} 100.0");
	}

	@Test
	void aNodeWithoutModelsTellsOfItsProcess() throws Exception {
		try (var server = new StandaloneServer()) {
			server.register(new MetricsEndpoint(), "/metrics");
			String text = get(server, "/metrics").body();
			assertTrue(text.contains("jvm_memory_used_bytes{area=\"heap\"} ") && text.contains("jvm_threads_current ") && text.contains("process_cpu_seconds_total "), text);
		}
	}

	@Test
	void requestsAreCountedByWhoAnsweredThem() throws Exception {
		var metrics = new MetricsEndpoint();
		try (var server = new StandaloneServer()) {
			server.register(metrics, "/metrics");
			server.listen(metrics);
			server.register(new Handler.Abstract() {
				@Override
				public boolean handle(Request request, Response response, Callback callback) {
					callback.succeeded();
					return true;
				}
			}, "/v1/models/*");
			get(server, "/v1/models/one");
			get(server, "/v1/models/two");
			get(server, "/nothing");
			// counted after the answer was sent
			while (!get(server, "/metrics").body().contains("path=\"none\",status=\"404\""))
				Thread.sleep(5);
			says(get(server, "/metrics").body(), "meshwork_http_requests_total{method=\"GET\",path=\"/v1/models/*\",status=\"200\"} 2.0",
					"meshwork_http_requests_total{method=\"GET\",path=\"none\",status=\"404\"} 1.0", "meshwork_http_request_seconds_count{path=\"/v1/models/*\"} 2");
		}
	}

	@Test
	void itSpeaksWhatTheScraperAsksFor() throws Exception {
		assertTrue(scrape(Map.of()).headers().firstValue("content-type").orElse("").startsWith("text/plain"));
		HttpResponse<String> open = scrape(Map.of(), "accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
		assertTrue(open.headers().firstValue("content-type").orElse("").startsWith("application/openmetrics-text"));
		assertTrue(open.body().endsWith("# EOF\n"), open.body());
	}

	@Test
	void whereKeysAreNeededItNeedsOne() throws Exception {
		Map<String, Object> config = Map.of("apiKeys", new String[] { "prometheus: key" });
		assertEquals(401, scrape(config).statusCode());
		assertEquals(200, scrape(config, "authorization", "Bearer key").statusCode());
	}
}
