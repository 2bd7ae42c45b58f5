package meshwork.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;

/** One socket, many handlers that come and go. */
@Timeout(60)
class HttpServerTest {

	private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	@Test
	void theLongestPatternAnswersAndThenTheHighestRanking() throws Exception {
		try (var server = new StandaloneServer()) {
			server.register(TestHandler.saying("all"), "/*");
			server.register(TestHandler.saying("models"), "/v1/models", "/v1/models/*");
			var better = server.register(TestHandler.saying("better"), Map.of("http.path", "/v1/models", "service.ranking", 1));

			assertEquals("all", get(server, "/").body());
			assertEquals("all", get(server, "/v1/model").body());
			assertEquals("better", get(server, "/v1/models").body());
			assertEquals("models", get(server, "/v1/models/a%2Fb").body());
			better.unregister();
			assertEquals("models", get(server, "/v1/models").body());
			assertEquals("all", get(server, "/").body());
		}
	}

	@Test
	void whatGoesWrongIsToldInTheErrorObjectOfTheApi() throws Exception {
		try (var server = new StandaloneServer(Map.of("maxBody", 10L, "successorSeconds", 0))) {
			server.register(new Handler.Abstract() {
				@Override
				public boolean handle(Request request, Response response, Callback callback) {
					throw new IllegalStateException("a secret");
				}
			}, "/broken");
			server.register(TestHandler.saying("fine"), "/fine");

			assertError(404, "invalid_request_error", "null", get(server, "/nothing/\"here\""));
			assertError(500, "server_error", "null", get(server, "/broken"));
			assertFalse(get(server, "/broken").body().contains("secret"));
			assertError(413, "invalid_request_error", "null", send(post(server, "/fine", "longer than ten")));
			var chunked = HttpRequest.newBuilder(server.uri().resolve("/fine"))
					.POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream("longer than ten".getBytes(StandardCharsets.UTF_8))));
			assertError(413, "invalid_request_error", "null", send(chunked));
			assertEquals(200, send(post(server, "/fine", "0123456789")).statusCode());
			String answer = raw(server, "GET / HTTP/1.1\r\nHost: localhost\r\nbroken header\r\n\r\n");
			assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
			assertTrue(answer.contains("{\"type\":\"error\",\"error\":{\"message\":"), answer);
			assertTrue(answer.contains("x-request-id: req_"), answer);
		}
	}

	private static void assertError(int status, String type, String code, HttpResponse<String> response) {
		assertEquals(status, response.statusCode());
		assertEquals("application/json", response.headers().firstValue("content-type").orElseThrow());
		assertTrue(response.headers().firstValue("x-request-id").isPresent());
		assertTrue(response.body().matches(
				"\\{\"type\":\"error\",\"error\":\\{\"message\":\".+\",\"type\":\"%s\",\"param\":null,\"code\":%s}}".formatted(type, code)), response.body());
	}

	@Test
	void everyResponseHasARequestIdTheClientsOwnIfItIsSane() throws Exception {
		try (var server = new StandaloneServer()) {
			server.register(TestHandler.saying("fine"), "/fine");

			assertEquals("mine-1", send(get(server.uri(), "/fine").header("x-request-id", "mine-1")).headers().firstValue("x-request-id").orElseThrow());
			String made = send(get(server.uri(), "/fine").header("x-request-id", "{not sane}")).headers().firstValue("x-request-id").orElseThrow();
			assertTrue(made.matches("req_[0-9a-f]{24}"), made);
			assertNotEquals(made, get(server, "/fine").headers().firstValue("x-request-id").orElseThrow());
			assertTrue(get(server, "/fine").headers().firstValue("server").isEmpty());
		}
	}

	@Test
	void withKeysOnlyThoseWhoBringOneAndWhatIsPublicGetIn(@TempDir Path folder) throws Exception {
		Path file = Files.writeString(folder.resolve("keys"), "# ours\nfrom-file\n\n");
		try (var server = new StandaloneServer(Map.of("apiKeys", new String[] { "one", "two" }, "apiKeyFile", file.toString()))) {
			server.register(TestHandler.saying("fine"), "/fine");
			server.register(TestHandler.saying("healthy"), Map.of("http.path", "/health", "http.public", true));

			var refused = get(server, "/fine");
			assertError(401, "invalid_request_error", "\"invalid_api_key\"", refused);
			assertEquals("Bearer", refused.headers().firstValue("www-authenticate").orElseThrow());
			assertEquals(401, get(server, "/no/such/thing").statusCode());
			assertEquals(401, send(get(server.uri(), "/fine").header("authorization", "Bearer on")).statusCode());
			assertEquals(401, send(get(server.uri(), "/fine").header("authorization", "Bearer # ours")).statusCode());
			assertEquals(200, send(get(server.uri(), "/fine").header("authorization", "Bearer two")).statusCode());
			assertEquals(200, send(get(server.uri(), "/fine").header("x-api-key", "from-file")).statusCode());
			assertEquals(200, get(server, "/health").statusCode());

			server.configure(Map.of("port", server.uri().getPort(), "apiKeys", new String[] { "three" }));
			assertEquals(401, send(get(server.uri(), "/fine").header("authorization", "Bearer two")).statusCode());
			assertEquals(200, send(get(server.uri(), "/fine").header("authorization", "Bearer three")).statusCode());
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Host: evil.example", "Host: evil.example:80", "Host: 127.0.0.1.evil.example", "Host: localhost\r\nOrigin: https://evil.example",
			"Host: localhost\r\nOrigin: null" })
	void withoutAKeyNoWebPageOfAnotherSiteGetsIn(String headers) throws Exception {
		try (var server = new StandaloneServer()) {
			server.register(TestHandler.saying("fine"), "/fine");
			assertTrue(answerTo(server, headers).startsWith("HTTP/1.1 403 "), headers);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Host: localhost:9337", "Host: [::1]:80", "Host: 127.1.2.3", "Host: LOCALHOST\r\nOrigin: http://localhost:3000",
			"Host: meshwork.localhost\r\nOrigin: http://127.0.0.1" })
	void whatBelongsToThisMachineGetsIn(String headers) throws Exception {
		try (var server = new StandaloneServer()) {
			server.register(TestHandler.saying("fine"), "/fine");
			assertTrue(answerTo(server, headers).startsWith("HTTP/1.1 200 "), headers);
		}
	}

	private static String answerTo(StandaloneServer server, String headers) throws IOException {
		try (var socket = new Socket(server.uri().getHost(), server.uri().getPort())) {
			socket.getOutputStream().write(("GET /fine HTTP/1.1\r\n" + headers + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
		}
	}

	@Test
	void beyondLoopbackItDoesNotListenWithoutAKey() throws Exception {
		try (var server = new StandaloneServer(Map.of("host", "0.0.0.0"))) {
			assertTrue(server.problem().orElseThrow().contains("apiKeys"));
			assertEquals(1, server.log().size(), server.log().toString());

			server.configure(Map.of("host", "0.0.0.0", "apiKeys", new String[] { "one" }));
			assertTrue(server.problem().isEmpty());
			int port = server.uri().getPort();
			server.register(TestHandler.saying("fine"), "/fine");
			assertEquals(401, get(server, "/fine").statusCode());

			server.configure(Map.of("host", "0.0.0.0", "port", port));
			assertTrue(server.problem().isPresent());
			assertEquals(401, get(server, "/fine").statusCode());
		}
	}

	@Test
	void aTakenPortIsSaidOnceAndHadWhenItIsFree() throws Exception {
		var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
		try (var server = new StandaloneServer(Map.of("port", other.getLocalPort()))) {
			server.register(TestHandler.saying("fine"), "/fine");
			assertTrue(server.problem().orElseThrow().contains("127.0.0.1:" + other.getLocalPort()));

			other.close();
			await(() -> server.problem().isEmpty());
			assertEquals(other.getLocalPort(), server.uri().getPort());
			assertEquals(200, get(server, "/fine").statusCode());
			assertEquals(1, server.log().stream().filter(line -> line.startsWith("error")).count(), server.log().toString());
		}
	}

	@Test
	void aChangedPortIsOpenBeforeTheOldOneClosesAndRunningRequestsEnd() throws Exception {
		try (var server = new StandaloneServer()) {
			var handler = TestHandler.waiting("slow");
			server.register(handler, "/slow");
			server.register(TestHandler.saying("fine"), "/fine");
			URI old = server.uri();
			var running = CLIENT.sendAsync(get(old, "/slow").build(), BodyHandlers.ofString());
			handler.entered.await();

			int port = freePort();
			server.configure(Map.of("port", port));
			assertEquals(port, server.uri().getPort());
			assertEquals(200, get(server, "/fine").statusCode());
			await(() -> refuses(old));
			handler.go();
			assertEquals("slow", running.get().body());
		}
	}

	@Test
	void aNewPortThatIsTakenLeavesTheOldOneOpen() throws Exception {
		try (var server = new StandaloneServer(); var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			server.register(TestHandler.saying("fine"), "/fine");
			server.configure(Map.of("port", other.getLocalPort()));

			assertTrue(server.problem().isPresent());
			assertEquals(200, get(server, "/fine").statusCode());
		}
	}

	@Test
	void requestsWaitForTheSuccessorOfAHandlerThatWentAway() throws Exception {
		try (var server = new StandaloneServer()) {
			server.register(TestHandler.saying("anything"), "/*");
			server.register(TestHandler.saying("first"), "/it").unregister();
			var waiting = CLIENT.sendAsync(get(server.uri(), "/it").build(), BodyHandlers.ofString());
			server.register(TestHandler.saying("second"), "/it");

			assertEquals("second", waiting.get().body());
		}
	}

	@Test
	void withoutASuccessorThePathIsUnavailableRatherThanUnknown() throws Exception {
		try (var server = new StandaloneServer(Map.of("successorSeconds", 0))) {
			server.register(TestHandler.saying("other"), "/other");
			server.register(TestHandler.saying("first"), "/it").unregister();

			var response = get(server, "/it");
			assertError(503, "unavailable_error", "null", response);
			assertEquals("1", response.headers().firstValue("retry-after").orElseThrow());
			assertEquals(404, get(server, "/never").statusCode());
		}
	}

	@Test
	void aHandlerThatGoesAwayEndsItsRequestsFirstAndItsBundleWaitsForThem() throws Exception {
		try (var server = new StandaloneServer()) {
			Bundle bundle = server.bundle("of.handler");
			var first = TestHandler.waiting("first");
			bundle.getBundleContext().registerService(Handler.class, first, StandaloneServer.dictionary(Map.of("http.path", "/it")));
			var running = CLIENT.sendAsync(get(server.uri(), "/it").build(), BodyHandlers.ofString());
			first.entered.await();
			server.register(TestHandler.saying("second"), Map.of("http.path", "/it", "service.ranking", 1));
			assertEquals("second", get(server, "/it").body());

			var stopped = CompletableFuture.runAsync(() -> stop(bundle), Thread::startVirtualThread);
			await(() -> bundle.getState() == Bundle.STOPPING);
			assertEquals("second", get(server, "/it").body());
			assertTrue(first.isStarted());
			first.go();
			assertEquals("first", running.get().body());
			stopped.get();
			await(first::isStopped);
		}
	}

	@Test
	void stoppingLetsRunningRequestsEnd() throws Exception {
		try (var server = new StandaloneServer()) {
			var handler = TestHandler.waiting("slow");
			server.register(handler, "/slow");
			URI uri = server.uri();
			var running = CLIENT.sendAsync(get(uri, "/slow").build(), BodyHandlers.ofString());
			handler.entered.await();

			var stopped = CompletableFuture.runAsync(() -> stop(server), Thread::startVirtualThread);
			await(() -> refuses(uri));
			assertFalse(stopped.isDone());
			handler.go();
			assertEquals("slow", running.get().body());
			stopped.get();
		}
	}

	@Test
	void nobodyGetsInFromWhenTheNodeBeginsToStop() throws Exception {
		try (var server = new StandaloneServer()) {
			var handler = TestHandler.waiting("slow");
			server.register(handler, "/slow");
			URI uri = server.uri();
			var running = CLIENT.sendAsync(get(uri, "/slow").build(), BodyHandlers.ofString());
			handler.entered.await();

			server.stopNode();
			await(() -> refuses(uri));
			assertFalse(running.isDone());
			handler.go();
			assertEquals("slow", running.get().body());
		}
	}

	@Test
	void stoppingDoesNotWaitForEver() throws Exception {
		try (var server = new StandaloneServer(Map.of("stopSeconds", 1))) {
			var handler = TestHandler.waiting("never");
			server.register(handler, "/slow");
			var running = CLIENT.sendAsync(get(server.uri(), "/slow").build(), BodyHandlers.ofString());
			handler.entered.await();

			server.stop();
			handler.gone.await();
			assertTrue(running.handle((response, failure) -> failure != null).get());
			handler.go();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aHandlerHearsWhenTheClientGoesAwayWhileNothingIsWritten(boolean abruptly) throws Exception {
		try (var server = new StandaloneServer(); var socket = new Socket(server.uri().getHost(), server.uri().getPort())) {
			var handler = TestHandler.waiting("never");
			server.register(handler, "/slow");
			socket.getOutputStream().write("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody".getBytes(StandardCharsets.US_ASCII));
			handler.entered.await();
			assertEquals(1, handler.gone.getCount());

			if (abruptly)
				socket.setSoLinger(true, 0);
			socket.close();
			handler.gone.await();
			handler.go();
		}
	}

	@Test
	void requestsSentAheadAreAnsweredInOrderOnAWatchedConnection() throws Exception {
		try (var server = new StandaloneServer()) {
			var slow = TestHandler.waiting("slow");
			server.register(slow, "/slow");
			server.register(TestHandler.saying("fine"), "/fine");
			try (var socket = new Socket(server.uri().getHost(), server.uri().getPort())) {
				var out = socket.getOutputStream();
				out.write("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
				slow.entered.await();
				out.write("GET /fine HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
				out.write("POST /fine HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx".getBytes(StandardCharsets.US_ASCII));
				slow.go();
				String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

				assertEquals(List.of("slow", "fine", "fine"), answers.lines().filter(line -> line.matches("(slow|fine).*"))
						.map(line -> line.substring(0, 4)).toList(), answers);
			}
		}
	}

	@Test
	void aConnectionServesManyWatchedRequestsOneAfterTheOther() throws Exception {
		try (var server = new StandaloneServer(); var socket = new Socket(server.uri().getHost(), server.uri().getPort())) {
			server.register(TestHandler.saying("fine"), "/fine");
			var out = socket.getOutputStream();
			for (int i = 0; i < 1000; i++) {
				out.write("POST /fine HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody".getBytes(StandardCharsets.US_ASCII));
				var answer = new StringBuilder();
				while (!answer.toString().endsWith("fine"))
					answer.append((char) socket.getInputStream().read());
				assertTrue(answer.toString().startsWith("HTTP/1.1 200 "), answer::toString);
			}
		}
	}

	@Test
	void aHandlerMayThinkLongerThanAConnectionMayBeIdle() throws Exception {
		try (var server = new StandaloneServer(Map.of("idleSeconds", 1)); var idle = new Socket(server.uri().getHost(), server.uri().getPort())) {
			var slow = TestHandler.waiting("slow");
			server.register(slow, "/slow");
			var running = CLIENT.sendAsync(get(server.uri(), "/slow").build(), BodyHandlers.ofString());
			slow.entered.await();
			// the idle one, which is older, is closed; and then the other one would be
			assertEquals(-1, idle.getInputStream().read());
			assertEquals(1, slow.gone.getCount());
			TimeUnit.MILLISECONDS.sleep(1500);
			slow.go();

			assertEquals("slow", running.get().body());
		}
	}

	@Test
	void aBodyThatStaysAwayEndsTheRequest() throws Exception {
		try (var server = new StandaloneServer(Map.of("idleSeconds", 1))) {
			server.register(TestHandler.saying("fine"), "/fine");
			String answer = raw(server, "POST /fine HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbo");

			assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
		}
	}

	private static HttpRequest.Builder get(URI server, String path) {
		return HttpRequest.newBuilder(URI.create(server + path.replace("\"", "%22")));
	}

	private static HttpRequest.Builder post(StandaloneServer server, String path, String body) {
		return HttpRequest.newBuilder(server.uri().resolve(path)).POST(BodyPublishers.ofString(body));
	}

	private static HttpResponse<String> get(StandaloneServer server, String path) {
		return send(get(server.uri(), path));
	}

	private static HttpResponse<String> send(HttpRequest.Builder request) {
		try {
			return CLIENT.sendAsync(request.build(), BodyHandlers.ofString()).get();
		} catch (InterruptedException | ExecutionException e) {
			throw new AssertionError(e);
		}
	}

	private static String raw(StandaloneServer server, String request) throws IOException {
		try (var socket = new Socket(server.uri().getHost(), server.uri().getPort())) {
			socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
			return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
		}
	}

	private static boolean refuses(URI uri) {
		try (var socket = new Socket(uri.getHost(), uri.getPort())) {
			return false;
		} catch (SocketException e) {
			// refused, or reset on its way in
			return true;
		} catch (IOException e) {
			throw new AssertionError(e);
		}
	}

	private static int freePort() throws IOException {
		try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private static void stop(Bundle bundle) {
		try {
			bundle.stop();
		} catch (Exception e) {
			throw new AssertionError(e);
		}
	}

	private static void stop(StandaloneServer server) {
		try {
			server.stop();
		} catch (Exception e) {
			throw new AssertionError(e);
		}
	}

	private static void await(BooleanSupplier condition) throws InterruptedException {
		while (!condition.getAsBoolean())
			Thread.sleep(5);
	}
}
