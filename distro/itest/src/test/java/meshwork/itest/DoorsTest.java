package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import meshwork.itest.Distribution.Node;
import meshwork.itest.Distribution.Outcome;

/** Who gets into a node as it is shipped, and what is seen of it. */
@Timeout(300)
class DoorsTest {

	private static final HttpClient CLIENT = HttpClient.newHttpClient();

	@TempDir
	Path folder;

	@Test
	void aKeyIsHeededFromWhenItIsMadeUntilItIsRevoked() throws Exception {
		Path data = folder.resolve("data");
		try (var node = new Node(data)) {
			assertEquals(200, get(CLIENT, node, "/v1/models", "").statusCode(), "on loopback nobody needs a key");
			Outcome made = Distribution.run(data, "key", "new", "alice");
			String key = made.out().strip();
			assertEquals(401, get(CLIENT, node, "/v1/models", "").statusCode());
			assertEquals(200, get(CLIENT, node, "/v1/models", key).statusCode());
			assertEquals("alice\n", Distribution.run(data, "key", "list").out());

			// commands of this machine have a key of their own
			assertEquals(0, Distribution.run(data, "ask", "--temperature", "0", "What is Meshwork?").code());
			String top = Distribution.run(data, "top").out();
			assertTrue(top.contains("starter") && top.contains("0/4"), top);
			assertEquals(401, get(CLIENT, node, "/metrics", "").statusCode());
			String metrics = get(CLIENT, node, "/metrics", key).body();
			assertTrue(metrics.matches("(?s).*\nllamacpp:tokens_predicted_total\\{model=\"starter\"} [1-9].*"), metrics);
			assertTrue(metrics.matches("(?s).*\nmeshwork_first_token_seconds_count\\{model=\"starter\"} [1-9].*"), metrics);
			assertTrue(metrics.contains("\nmeshwork_http_requests_total{method=\"POST\",path=\"/v1/chat/completions\",status=\"200\"} 1.0\n"), metrics);

			assertEquals(0, Distribution.run(data, "key", "revoke", "alice").code());
			assertEquals(401, get(CLIENT, node, "/v1/models", key).statusCode());
		}
	}

	@Test
	void withACertificateItSpeaksHttpsAndItsOwnCommandsTrustIt() throws Exception {
		Path data = folder.resolve("data");
		KeyStore store = certificate();
		Path certificate = pem("CERTIFICATE", store.getCertificate("a").getEncoded());
		Path key = pem("PRIVATE KEY", store.getKey("a", "secret".toCharArray()).getEncoded());
		var trust = TrustManagerFactory.getInstance("PKIX");
		var trusted = KeyStore.getInstance("PKCS12");
		trusted.load(null, null);
		trusted.setCertificateEntry("a", store.getCertificate("a"));
		trust.init(trusted);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, trust.getTrustManagers(), null);
		try (var node = new Node(data, "--tls-cert", certificate.toString(), "--tls-key", key.toString());
				HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
			assertTrue(node.url().startsWith("https://"), node.url());
			assertEquals(200, get(client, node, "/v1/models", "").statusCode());
			Outcome asked = Distribution.run(data, "ask", "--temperature", "0", "What is Meshwork?");
			assertTrue(asked.out().contains("OpenAI-compatible endpoint"), asked.toString());
		}
	}

	private KeyStore certificate() throws Exception {
		Path file = folder.resolve("made.p12");
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/keytool").toString(), "-genkeypair", "-keystore", file.toString(),
				"-storepass", "secret", "-alias", "a", "-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1", "-keyalg", "EC").inheritIO().start();
		assertEquals(0, process.waitFor());
		return KeyStore.getInstance(file.toFile(), "secret".toCharArray());
	}

	private Path pem(String kind, byte[] content) throws IOException {
		return Files.writeString(folder.resolve(kind.replace(' ', '-') + ".pem"),
				"-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind));
	}

	private static HttpResponse<String> get(HttpClient client, Node node, String path, String key) throws IOException, InterruptedException {
		var request = HttpRequest.newBuilder(URI.create(node.url() + path));
		if (!key.isEmpty())
			request.header("Authorization", "Bearer " + key);
		return client.send(request.build(), BodyHandlers.ofString());
	}
}
