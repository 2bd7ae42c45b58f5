package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import meshwork.api.inference.ServedModel.State;
import meshwork.chat.schema.SchemaGrammars;
import meshwork.http.StandaloneServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The API on a real server, with nothing behind it but a script. */
final class ApiServer implements AutoCloseable {

	private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
	private static final JsonMapper JSON = JsonMapper.shared();

	final ScriptedInference inference = new ScriptedInference();
	final ScriptedEmbedder embedder = new ScriptedEmbedder();
	private final StandaloneServer server;

	ApiServer() {
		this(Map.of());
	}

	ApiServer(Map<String, Object> http) {
		server = server(http);
		inference.served.add(ScriptedInference.model(ScriptedInference.GOOD, State.READY));
		var health = new HealthEndpoint();
		health.set(inference);
		server.register(health, Map.of("http.path", new String[] { "/health", "/v1/health" }, "http.public", true));
		server.register(new ModelsEndpoint(inference), "/v1/models", "/v1/models/*");
		server.register(new ChatEndpoint(inference, inference, new SchemaGrammars(), inference), "/v1/chat/completions");
		server.register(new ChatTokensEndpoint(inference, new SchemaGrammars()), "/v1/chat/completions/input_tokens");
		server.register(new ResponsesEndpoint(inference, inference, new SchemaGrammars(), inference, new Archive(8, 100_000)), "/v1/responses",
				"/v1/responses/*");
		server.register(new CompletionsEndpoint(inference, inference, new SchemaGrammars(), inference), "/v1/completions");
		server.register(new MessagesEndpoint(inference, inference, new SchemaGrammars(), inference), "/v1/messages");
		server.register(new MessageTokensEndpoint(inference, new SchemaGrammars()), "/v1/messages/count_tokens");
		server.register(new TextsEndpoint(inference, inference), "/tokenize", "/detokenize", "/apply-template");
		server.register(new SlotsEndpoint(inference), "/slots", "/slots/*");
		server.register(new PropsEndpoint(inference, inference), "/props");
		server.register(new NativeCompletionsEndpoint(inference, inference, new SchemaGrammars(), inference), "/completion", "/completions", "/infill");
		server.register(new EmbeddingsEndpoint(embedder, inference), "/v1/embeddings", "/embeddings", "/embedding");
		server.register(new RerankEndpoint(embedder, inference), "/v1/rerank", "/rerank", "/v1/reranking", "/reranking");
		server.register(new AdaptersEndpoint(), "/lora-adapters");
	}

	private static StandaloneServer server(Map<String, Object> http) {
		try {
			return new StandaloneServer(http);
		} catch (Exception e) {
			throw new IllegalStateException("the server did not start", e);
		}
	}

	URI uri() {
		return server.uri();
	}

	/** The line in the log of the request with this id. */
	String line(String id) throws InterruptedException {
		while (true) {
			Optional<String> line = server.access().stream().filter(each -> each.contains(" id=" + id + " ")).findFirst();
			if (line.isPresent())
				return line.get();
			Thread.sleep(5);
		}
	}

	Answer get(String path) {
		return send(HttpRequest.newBuilder(uri().resolve(path)));
	}

	Answer post(String path, String json) {
		return send(HttpRequest.newBuilder(uri().resolve(path)).header("content-type", "application/json").POST(BodyPublishers.ofString(json)));
	}

	/** A chat with the good model; the members are added to what it takes at least. */
	Answer chat(String members) {
		return post("/v1/chat/completions", """
				{"model": "scripted", "messages": [{"role": "user", "content": "Hi"}]%s}""".formatted(members.isEmpty() ? "" : ", " + members));
	}

	/** A plain completion by the good model. */
	Answer complete(String members) {
		return post("/v1/completions", """
				{"model": "scripted"%s}""".formatted(members.isEmpty() ? "" : ", " + members));
	}

	Answer send(HttpRequest.Builder request) {
		try {
			return new Answer(CLIENT.send(request.build(), BodyHandlers.ofString()));
		} catch (IOException | InterruptedException e) {
			throw new AssertionError(e);
		}
	}

	@Override
	public void close() throws Exception {
		server.close();
	}

	/** What came back. */
	record Answer(HttpResponse<String> response) {

		int status() {
			return response.statusCode();
		}

		String header(String name) {
			return response.headers().firstValue(name).orElse("");
		}

		JsonNode json() {
			return JSON.readTree(response.body());
		}

		/** The data of the events, without the last if it is {@code [DONE]}. */
		List<JsonNode> events() {
			return data().filter(data -> !data.equals("[DONE]")).map(JSON::readTree).toList();
		}

		boolean done() {
			return response.body().endsWith("data: [DONE]\n\n");
		}

		/** The events of a stream whose events have names, which are those of their types. */
		List<JsonNode> named() {
			assertEquals("text/event-stream; charset=utf-8", header("content-type"), response::body);
			return Stream.of(response.body().split("\n\n")).map(event -> {
				String[] lines = event.split("\n");
				JsonNode data = JSON.readTree(lines[1].substring("data: ".length()));
				assertEquals(List.of("event: " + data.get("type").stringValue(), "data: " + lines[1].substring("data: ".length())), List.of(lines));
				return data;
			}).toList();
		}

		private Stream<String> data() {
			return Stream.of(response.body().split("\n\n")).map(event -> {
				if (!event.startsWith("data: ") || event.indexOf('\n') >= 0)
					throw new AssertionError("not an event: " + event);
				return event.substring("data: ".length());
			});
		}
	}

	/** JSON, to compare with. */
	static JsonNode json(String text) {
		return JSON.readTree(text);
	}
}
