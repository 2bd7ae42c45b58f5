package meshwork.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import meshwork.cli.NodeClient.Health;
import meshwork.cli.NodeClient.ModelHealth;
import tools.jackson.databind.json.JsonMapper;

/** What a node answers is understood, and what goes wrong is told in one line. */
@Timeout(60)
class NodeClientTest {

	private HttpServer server;
	private NodeClient client;
	private volatile String authorization;
	private volatile String sent;

	@BeforeEach
	void start() throws IOException {
		server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.start();
		client = new NodeClient(URI.create("http://127.0.0.1:%d/".formatted(server.getAddress().getPort())), Optional.of("secret"), Optional.empty());
	}

	@AfterEach
	void stop() {
		server.stop(0);
	}

	@Test
	void howANodeIs() {
		answer("/health", 503, """
				{"status": "loading", "models": [{"id": "a", "state": "READY", "progress": 1},
				 {"id": "b", "state": "LOADING", "progress": 0.427, "problem": null},
				 {"id": "c", "state": "FAILED", "progress": 0, "problem": "too big", "reason": "TOO_BIG"}]}""");
		assertEquals(new Health("loading", List.of(new ModelHealth("a", "READY", 1, Optional.empty(), Optional.empty()),
				new ModelHealth("b", "LOADING", 0.427, Optional.empty(), Optional.empty()),
				new ModelHealth("c", "FAILED", 0, Optional.of("too big"), Optional.of("TOO_BIG")))), client.health());
		assertEquals("loading 43 %", client.health().models().get(1).text());
		assertEquals("Bearer secret", authorization);
	}

	@Test
	void aNodeWhoseApiIsNotThereYetIsLoading() {
		answer("/health", 503, "{\"error\": {\"message\": \"nobody answers\"}}");
		assertEquals(new Health("loading", List.of()), client.health());
	}

	@Test
	void aModelThatFailedEndsTheWaitWithItsReason() {
		answer("/health", 503, """
				{"status": "failed", "models": [{"id": "c", "state": "failed", "problem": "it takes 3 GB, 2 GB are free", "reason": "TOO_BIG"}]}""");
		var refused = assertThrows(Refusal.class, () -> new Progress().await(client));
		assertEquals(ExitCode.TOO_BIG, refused.code());
		assertEquals("it takes 3 GB, 2 GB are free", refused.getMessage());
	}

	@Test
	void anAnswerIsStreamed() {
		stream("""
				data: {"choices": [{"delta": {"role": "assistant", "content": ""}}]}

				: a comment
				data: {"choices": [{"delta": {"content": "Grüß "}}]}

				data: {"choices": [{"delta": {"content": "Gott"}}]}

				data: {"choices": [], "usage": {}}

				data: [DONE]

				""");
		assertEquals("Grüß Gott", ask());
		assertEquals("{\"stream\":true}", sent);
	}

	@Test
	void anAnswerThatBreaksOffIsNotTakenForAWholeOne() {
		stream("data: {\"choices\": [{\"delta\": {\"content\": \"Gr\"}}]}\n\n");
		assertTrue(assertThrows(Refusal.class, this::ask).getMessage().contains("ended before the answer did"));
	}

	@Test
	void anErrorWithinTheStreamIsTold() {
		stream("data: {\"error\": {\"message\": \"the engine broke\"}}\n\n");
		assertEquals("the node broke the answer off: the engine broke", assertThrows(Refusal.class, this::ask).getMessage());
	}

	@Test
	void aRefusalIsToldInTheNodesWords() {
		answer("/v1/chat/completions", 404, "{\"error\": {\"message\": \"the model 'x' is not served here\"}}");
		assertEquals("the node refused: the model 'x' is not served here", assertThrows(Refusal.class, this::ask).getMessage());
	}

	@Test
	void aNodeThatDoesNotAnswerIsNamed() {
		server.stop(0);
		var refused = assertThrows(Refusal.class, client::health);
		assertEquals(ExitCode.REFUSED, refused.code());
		assertTrue(refused.getMessage().startsWith("the node at " + client.url() + " does not answer: "), refused.getMessage());
	}

	@Test
	void anotherProgramOnThePortIsNotTakenForANode() {
		answer("/health", 200, "<html>");
		assertTrue(assertThrows(Refusal.class, client::health).getMessage().contains("is no node of Meshwork"));
	}

	private String ask() {
		var text = new StringBuilder();
		client.chat(JsonMapper.shared().createObjectNode().put("stream", true), text::append);
		return text.toString();
	}

	private void stream(String events) {
		answer("/v1/chat/completions", 200, events);
	}

	private void answer(String path, int status, String body) {
		server.createContext(path, exchange -> {
			authorization = exchange.getRequestHeaders().getFirst("Authorization");
			sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
			write(exchange, status, body.getBytes(StandardCharsets.UTF_8));
		});
	}

	/** Chunked, as a node writes. */
	private static void write(HttpExchange exchange, int status, byte[] body) throws IOException {
		exchange.sendResponseHeaders(status, 0);
		exchange.getResponseBody().write(body);
		exchange.close();
	}
}
