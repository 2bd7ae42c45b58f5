package meshwork.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import meshwork.bench.Load.Level;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a server did is what the figures say, against one that counts a word as two tokens and adds five. */
@Timeout(60)
class TrialTest {

	private final AtomicInteger busy = new AtomicInteger();
	private final AtomicInteger most = new AtomicInteger();
	private HttpServer server;
	private volatile boolean refusing;

	@BeforeEach
	void start() throws IOException {
		server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
		server.createContext("/v1/chat/completions", this::answer);
		server.start();
	}

	@AfterEach
	void stop() {
		server.stop(0);
	}

	private void answer(HttpExchange exchange) throws IOException {
		most.accumulateAndGet(busy.incrementAndGet(), Math::max);
		try (exchange) {
			JsonNode asked = JsonMapper.shared().readTree(exchange.getRequestBody());
			int prompt = 5 + 2 * asked.path("messages").path(0).path("content").asString().split(" ").length;
			int tokens = asked.path("max_tokens").asInt();
			if (refusing && tokens > 1) {
				byte[] body = "{\"error\": {\"message\": \"not today\"}}".getBytes(StandardCharsets.UTF_8);
				exchange.sendResponseHeaders(503, body.length);
				exchange.getResponseBody().write(body);
				return;
			}
			String usage = "\"usage\": {\"prompt_tokens\": %d, \"completion_tokens\": %d}".formatted(prompt, tokens);
			exchange.sendResponseHeaders(200, 0);
			var out = exchange.getResponseBody();
			if (asked.path("stream").asBoolean()) {
				for (int i = 0; i < tokens; i++) {
					out.write("data: {\"choices\": [{\"delta\": {\"content\": \"a\"}}]}\n\n".getBytes(StandardCharsets.UTF_8));
					out.flush();
				}
				out.write("data: {\"choices\": [], %s}\n\ndata: [DONE]\n\n".formatted(usage).getBytes(StandardCharsets.UTF_8));
			} else {
				out.write("{\"choices\": [{\"message\": {\"content\": \"a\"}}], %s}".formatted(usage).getBytes(StandardCharsets.UTF_8));
			}
		} finally {
			busy.decrementAndGet();
		}
	}

	private Load load(boolean stream) {
		return new Load(URI.create("http://127.0.0.1:" + server.getAddress().getPort()), Optional.empty(), "m", true, stream, 105, 40, 7, 1);
	}

	private static Level level(int concurrency, OptionalDouble rate) {
		return new Level(concurrency, rate, 1, OptionalInt.of(12), Duration.ZERO);
	}

	@Test
	void promptsHaveTheTokensThatAreWantedAndAnswersAreCounted() throws Exception {
		Figures figures = new Trial(load(true)).run(level(1, OptionalDouble.empty()));
		assertEquals(12, figures.requests());
		assertEquals(12 * 105, figures.promptTokens());
		assertEquals(12 * 7, figures.outputTokens());
		assertEquals(12, figures.firstToken_ms().count());
		assertEquals(12 * 6, figures.nextToken_ms().count());
		assertEquals(1, most.get());
	}

	/** As llama-server does after every fifth request. */
	@Test
	void aConnectionThatTheServerGivesUpIsMadeAnew() throws Exception {
		try (var silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
			Thread.ofVirtual().start(() -> {
				while (!silent.isClosed())
					answerOnce(silent);
			});
			URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort());
			try (var caller = new Caller(new Load(url, Optional.empty(), "m", true, false, 8, 0, 1, 1))) {
				for (int i = 0; i < 3; i++)
					assertEquals(Optional.empty(), caller.ask("a", 1, System.nanoTime()).failure());
			}
		}
	}

	private static void answerOnce(ServerSocket listening) {
		try (var socket = listening.accept()) {
			socket.getInputStream().read(new byte[1 << 16]);
			socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"content\":\"a\"}".getBytes(StandardCharsets.UTF_8));
		} catch (IOException _) {
			// the test is over
		}
	}

	@Test
	void anAnswerInOnePieceHasNothingBetweenTokens() throws Exception {
		Figures figures = new Trial(load(false)).run(level(2, OptionalDouble.empty()));
		assertEquals(12 * 7, figures.outputTokens());
		assertEquals(0, figures.nextToken_ms().count());
	}

	@Test
	void arrivalsAskAsOftenAsTheyAreTo() throws Exception {
		Figures figures = new Trial(load(true)).run(level(1, OptionalDouble.of(500)));
		assertEquals(12, figures.requests());
		assertEquals(12 * 7, figures.outputTokens());
	}

	@Test
	void whatIsRefusedIsCountedByItsReason() throws Exception {
		refusing = true;
		Figures figures = new Trial(load(true)).run(level(3, OptionalDouble.empty()));
		assertEquals(Map.of("503: not today", 12L), figures.errors());
		assertEquals(0, figures.outputTokens());
	}
}
