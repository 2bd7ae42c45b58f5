package meshwork.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in, and how much of it; and what is said of it. */
@Timeout(60)
class DoorTest {

	private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	@TempDir
	Path folder;

	@Test
	void aKeyCountsFromWhenItIsWrittenUntilItIsRemoved() throws Exception {
		Path file = Files.writeString(folder.resolve("keys"), "");
		try (var server = new StandaloneServer(Map.of("apiKeyFile", file.toString()))) {
			server.register(TestHandler.saying("fine"), "/fine");
			assertEquals(401, status(server, "alices"), "a file without keys lets nobody in");
			Files.writeString(file, "alice: alices\nbob: sha256:%s\n".formatted(HexFormat.of().formatHex(Key.digest("bobs"))));
			assertEquals(200, status(server, "alices"));
			assertEquals(200, status(server, "bobs"));
			assertEquals(401, status(server, "alice: alices"));
			assertEquals(401, status(server, HexFormat.of().formatHex(Key.digest("bobs"))));
			Files.writeString(file, "alice: alices\n");
			assertEquals(401, status(server, "bobs"));
			assertEquals(200, status(server, "alices"));
			Files.delete(file);
			assertEquals(401, status(server, "alices"), "a file that is gone lets nobody in");
		}
	}

	@Test
	void aKeyThatTakesThePlaceOfAnotherIsSeenHoweverSoon() throws Exception {
		Path file = Files.writeString(folder.resolve("keys"), "alice: -\n");
		try (var server = new StandaloneServer(Map.of("apiKeyFile", file.toString()))) {
			server.register(TestHandler.saying("fine"), "/fine");
			// two changes in one tick of the file system's clock, which has only just begun
			FileTime tick = FileTime.from(Instant.now().plusSeconds(3600));
			for (String key : List.of("1", "2")) {
				Files.writeString(file, "alice: " + key + "\n");
				Files.setLastModifiedTime(file, tick);
				assertEquals(200, status(server, key));
			}
			assertEquals(401, status(server, "1"));
		}
	}

	@Test
	void anAddressThatIsNotThisMachinesHasItsShareOfConnections() throws Exception {
		Optional<InetAddress> other = NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
				.filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress()).findFirst();
		Assumptions.assumeTrue(other.isPresent(), "this machine has an address that others can reach");
		try (var server = new StandaloneServer(Map.of("host", "0.0.0.0", "apiKeys", new String[] { "key" }, "maxConnectionsPerAddress", 1));
				var first = new Socket(other.get(), server.uri().getPort())) {
			server.register(TestHandler.saying("fine"), "/fine");
			first.getOutputStream().write("GET /fine HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			assertEquals('H', first.getInputStream().read());
			try (var second = new Socket(other.get(), server.uri().getPort())) {
				assertEquals(Optional.empty(), answer(second));
			}
			assertEquals(200, status(server, "key"), "this machine may have more");
		}
	}

	@Test
	void theCallerIsKnownByName() throws Exception {
		var caller = new AtomicReference<Object>();
		try (var server = new StandaloneServer(Map.of("apiKeys", new String[] { "alice: alices", "nameless" }, "ownKeys", new String[] { "cli: mine" }))) {
			server.register(new Handler.Abstract() {
				@Override
				public boolean handle(Request request, Response response, Callback callback) {
					caller.set(request.getAttribute("http.caller"));
					callback.succeeded();
					return true;
				}
			}, "/fine");
			status(server, "alices");
			assertEquals("alice", caller.get());
			status(server, "mine");
			assertEquals("cli", caller.get());
			status(server, "nameless");
			assertTrue(((String) caller.get()).matches("[0-9a-f]{12}"), caller.toString());
		}
	}

	@Test
	void thisMachinesOwnKeysDoNotCloseTheDoorToOthers() throws Exception {
		try (var server = new StandaloneServer(Map.of("ownKeys", new String[] { "cli: mine" }))) {
			server.register(TestHandler.saying("fine"), "/fine");
			assertEquals(200, send(get(server, "/fine")).statusCode());
		}
	}

	@Test
	void onlySitesThatAreNamedMayReadAnswers() throws Exception {
		try (var server = new StandaloneServer(Map.of("apiKeys", new String[] { "key" }, "corsOrigins", new String[] { "https://chat.example.org" }))) {
			server.register(TestHandler.saying("fine"), "/fine");
			String preflight = raw(server, """
					OPTIONS /fine HTTP/1.1
					Host: localhost
					Origin: https://chat.example.org
					Access-Control-Request-Method: POST
					Access-Control-Request-Headers: authorization,content-type,x-stainless-os,anthropic-version,cookie
					Connection: close

					""");
			assertTrue(preflight.startsWith("HTTP/1.1 204 "), preflight);
			assertTrue(preflight.contains("Access-Control-Allow-Origin: https://chat.example.org\r\n"), preflight);
			assertTrue(preflight.contains("Access-Control-Allow-Headers: authorization, content-type, x-stainless-os, anthropic-version\r\n"), preflight);
			assertTrue(preflight.contains("Access-Control-Allow-Methods: "), preflight);

			String answer = from(server, "https://chat.example.org", "GET");
			assertTrue(answer.startsWith("HTTP/1.1 200 ") && answer.contains("Access-Control-Allow-Origin: https://chat.example.org\r\n")
					&& answer.contains("Vary: Origin\r\n"), answer);
			String refused = from(server, "https://chat.example.org", "GET", "wrong");
			assertTrue(refused.startsWith("HTTP/1.1 401 ") && refused.contains("Access-Control-Allow-Origin: https://chat.example.org\r\n"), refused);
			for (String other : new String[] { "https://evil.example", "http://chat.example.org", "https://chat.example.org.evil.example", "null" }) {
				String stranger = from(server, other, "GET");
				assertTrue(stranger.contains("Vary: Origin\r\n"), stranger);
				assertFalse(stranger.contains("Access-Control"), stranger);
			}
		}
	}

	@Test
	void withoutNamedSitesNothingIsSaidOfThem() throws Exception {
		try (var server = new StandaloneServer(Map.of("apiKeys", new String[] { "key" }))) {
			server.register(TestHandler.saying("fine"), "/fine");
			String answer = from(server, "https://chat.example.org", "GET");
			assertFalse(answer.contains("Access-Control") || answer.contains("Vary"), answer);
		}
	}

	@Test
	void aNamedSiteNeedsNoKeyWhereNobodyDoes() throws Exception {
		try (var server = new StandaloneServer(Map.of("corsOrigins", new String[] { "https://chat.example.org" }))) {
			server.register(TestHandler.saying("fine"), "/fine");
			assertTrue(from(server, "https://chat.example.org", "GET").startsWith("HTTP/1.1 200 "));
			assertTrue(from(server, "https://evil.example", "GET").startsWith("HTTP/1.1 403 "));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "*", "chat.example.org", "https://chat.example.org/path", "null" })
	void whatIsNoSiteIsRefused(String origin) throws Exception {
		try (var server = new StandaloneServer(Map.of("corsOrigins", new String[] { origin }))) {
			assertTrue(server.problem().orElseThrow().contains("'" + origin + "'"), server.problem().toString());
		}
	}

	@Test
	void aCallerWhoAsksTooOftenIsToldWhenToComeBack() throws Exception {
		try (var server = new StandaloneServer(Map.of("apiKeys", new String[] { "alice: a", "bob: b" }, "requestsPerMinute", 1, "requestBurst", 2))) {
			server.register(TestHandler.saying("fine"), "/fine");
			server.register(TestHandler.saying("healthy"), Map.of("http.path", "/health", "http.public", true));
			assertEquals(200, status(server, "a"));
			assertEquals(200, status(server, "a"));
			HttpResponse<String> excess = send(get(server, "/fine").header("authorization", "Bearer a"));
			assertEquals(429, excess.statusCode());
			int wait = Integer.parseInt(excess.headers().firstValue("retry-after").orElseThrow());
			assertTrue(wait > 30 && wait <= 60, "Retry-After: " + wait);
			assertTrue(excess.body().contains("\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"rate_limit_exceeded\""), excess.body());
			assertEquals(200, status(server, "b"));
			assertEquals(200, send(get(server, "/health").header("authorization", "Bearer a")).statusCode());
		}
	}

	@Test
	void onlySoManyRequestsOfACallerRunAtOnce() throws Exception {
		try (var server = new StandaloneServer(Map.of("maxRunning", 1))) {
			var slow = TestHandler.waiting("slow");
			server.register(slow, "/slow");
			server.register(TestHandler.saying("fine"), "/fine");
			var running = CLIENT.sendAsync(get(server, "/slow").build(), BodyHandlers.ofString());
			slow.entered.await();
			assertEquals(429, send(get(server, "/fine")).statusCode());
			slow.go();
			assertEquals("slow", running.get().body());
			// the client has the answer a moment before the server is done with it
			while (send(get(server, "/fine")).statusCode() == 429)
				TimeUnit.MILLISECONDS.sleep(5);
		}
	}

	@Test
	void aHeadThatIsTooLargeIsRefused() throws Exception {
		try (var server = new StandaloneServer(Map.of("maxHeader", 1024))) {
			server.register(TestHandler.saying("fine"), "/fine");
			String answer = raw(server, "GET /fine HTTP/1.1\nHost: localhost\nX-Long: %s\n\n".formatted("x".repeat(2000)));
			assertTrue(answer.startsWith("HTTP/1.1 431 ") && answer.contains("\"error\":{\"message\":"), answer);
		}
	}

	@Test
	void aConnectionTooManyIsClosed() throws Exception {
		try (var server = new StandaloneServer(Map.of("maxConnections", 2)); var first = socket(server); var second = socket(server)) {
			server.register(TestHandler.saying("fine"), "/fine");
			String request = "GET /fine HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
			for (Socket each : new Socket[] { first, second })
				each.getOutputStream().write("GET /fine HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			assertEquals('H', first.getInputStream().read());
			assertEquals('H', second.getInputStream().read());
			assertEquals("", raw(server, request.replace("\r", "")));
			first.close();
			while (!raw(server, request.replace("\r", "")).startsWith("HTTP/1.1 200 "))
				TimeUnit.MILLISECONDS.sleep(5);
		}
	}

	@Test
	void aHeadThatDribblesInEndsTheConnection() throws Exception {
		try (var server = new StandaloneServer(Map.of("arriveSeconds", 1)); var socket = socket(server)) {
			server.register(TestHandler.saying("fine"), "/fine");
			dribble(socket, "GET /fine HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
			assertEquals(Optional.empty(), answer(socket));
		}
	}

	@Test
	void aBodyThatDribblesInIsGivenUp() throws Exception {
		try (var server = new StandaloneServer(Map.of("arriveSeconds", 1)); var socket = socket(server)) {
			server.register(TestHandler.saying("fine"), "/fine");
			dribble(socket, "POST /fine HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
			assertTrue(answer(socket).orElseThrow().startsWith("HTTP/1.1 408 "));
		}
	}

	/** Sends a byte now and then, as long as somebody takes it. */
	private static void dribble(Socket socket, String beginning) throws IOException {
		socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
		Thread.ofVirtual().start(() -> {
			try {
				while (true) {
					socket.getOutputStream().write('x');
					TimeUnit.MILLISECONDS.sleep(50);
				}
			} catch (IOException | InterruptedException e) {
				// it is closed
			}
		});
	}

	private static Optional<String> answer(Socket socket) throws IOException {
		var answer = new StringBuilder();
		try {
			for (int read = socket.getInputStream().read(); read >= 0; read = socket.getInputStream().read())
				answer.append((char) read);
		} catch (SocketException e) {
			// reset, since the server has not read everything
		}
		return Optional.of(answer.toString()).filter(text -> !text.isEmpty());
	}

	@Test
	void oneLineIsSaidOfEachRequestAndNothingOfWhatWasAsked() throws Exception {
		try (var server = new StandaloneServer(Map.of("apiKeys", new String[] { "alice: alices" }))) {
			server.register(new Handler.Abstract() {
				@Override
				public boolean handle(Request request, Response response, Callback callback) throws Exception {
					Content.Source.asString(request, StandardCharsets.UTF_8);
					request.setAttribute("http.note.model", "tiny");
					request.setAttribute("http.note.finish", "a \"stop\"\n");
					Content.Sink.write(response, true, "answer", callback);
					return true;
				}
			}, "/v1/*");
			server.register(TestHandler.saying("healthy"), Map.of("http.path", "/health", "http.public", true));
			send(HttpRequest.newBuilder(server.uri().resolve("/v1/chat?secret=value")).header("authorization", "Bearer alices").header("x-request-id", "mine")
					.POST(HttpRequest.BodyPublishers.ofString("a prompt")));
			send(get(server, "/v1/chat"));
			send(get(server, "/health"));
			while (server.access().size() < 3)
				TimeUnit.MILLISECONDS.sleep(5);
			assertTrue(server.access().get(0).matches("info id=mine caller=alice method=POST path=/v1/chat status=200 bytes=6 duration_ms=[0-9.]+ "
					+ "first_byte_ms=[0-9.]+ finish=\"a \\?stop\\?\\?\" model=tiny"), server.access().toString());
			assertTrue(server.access().get(1).matches("info id=req_[0-9a-f]{24} caller=- method=GET path=/v1/chat status=401 .*"), server.access().toString());
			assertTrue(server.access().get(2).startsWith("debug "), "what is asked all the time is said to whom it may interest");
		}
	}

	@Test
	void theLineCanBeLeftOut() throws Exception {
		try (var server = new StandaloneServer(Map.of("accessLog", false))) {
			server.register(TestHandler.saying("fine"), "/fine");
			send(get(server, "/fine"));
			server.stop();
			assertEquals(0, server.access().size(), server.access().toString());
		}
	}

	private static HttpRequest.Builder get(StandaloneServer server, String path) {
		return HttpRequest.newBuilder(server.uri().resolve(path));
	}

	private static int status(StandaloneServer server, String key) throws Exception {
		return send(get(server, "/fine").header("authorization", "Bearer " + key)).statusCode();
	}

	private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
		return CLIENT.send(request.build(), BodyHandlers.ofString());
	}

	private static String from(StandaloneServer server, String origin, String method) throws IOException {
		return from(server, origin, method, "key");
	}

	private static String from(StandaloneServer server, String origin, String method, String key) throws IOException {
		return raw(server, "%s /fine HTTP/1.1\nHost: localhost\nOrigin: %s\nAuthorization: Bearer %s\nConnection: close\n\n".formatted(method, origin, key));
	}

	private static String raw(StandaloneServer server, String request) throws IOException {
		try (var socket = socket(server)) {
			socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
			return answer(socket).orElse("");
		} catch (SocketException e) {
			return "";
		}
	}

	private static Socket socket(StandaloneServer server) throws IOException {
		return new Socket(server.uri().getHost(), server.uri().getPort());
	}
}
