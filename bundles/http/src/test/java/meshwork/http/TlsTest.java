package meshwork.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;

import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with a certificate from files. */
@Timeout(60)
class TlsTest {

	/** Made once, since that takes a second each. */
	private static TestCertificate first;
	private static TestCertificate second;

	@TempDir
	Path folder;

	@BeforeAll
	static void make(@TempDir Path made) throws Exception {
		first = TestCertificate.make(made, "EC");
		second = TestCertificate.make(made, "RSA", "-keysize", "2048");
	}

	@Test
	void whoTrustsTheCertificateIsAnswered() throws Exception {
		answers(first);
		answers(second);
		answers(TestCertificate.make(folder, "Ed25519"));
	}

	private void answers(TestCertificate certificate) throws Exception {
		certificate.write(folder);
		answers(certificate, config());
	}

	private static void answers(TestCertificate certificate, Map<String, Object> config) throws Exception {
		try (var server = new StandaloneServer(config); HttpClient client = certificate.client()) {
			server.register(TestHandler.saying("fine"), "/fine");
			assertTrue(server.uri().toString().startsWith("https://127.0.0.1:"), server.uri().toString());
			assertEquals("fine", get(client, server.uri()));
		}
	}

	@Test
	void keysInTheirOlderFormsAreRead() throws Exception {
		first.writeOld(folder, "EC");
		answers(first, config());
		second.writeOld(folder, "RSA");
		answers(second, config());
	}

	@Test
	void aNewCertificateIsUsedFromTheNextConnectionAndABadOneNever() throws Exception {
		first.write(folder);
		try (var server = new StandaloneServer(config())) {
			server.register(TestHandler.saying("fine"), "/fine");
			try (HttpClient client = first.client()) {
				assertEquals("fine", get(client, server.uri()));
			}
			second.write(folder);
			try (HttpClient client = first.client()) {
				assertThrows(SSLHandshakeException.class, () -> get(client, server.uri()));
			}
			try (HttpClient client = second.client()) {
				assertEquals("fine", get(client, server.uri()));
			}
			Files.writeString(folder.resolve("certificate.pem"), "nonsense");
			try (HttpClient client = second.client()) {
				assertEquals("fine", get(client, server.uri()));
			}
			assertTrue(server.log().getLast().contains("certificate.pem has no certificate that can be read"), server.log().toString());
		}
	}

	@Test
	void tlsComesAndGoesOnTheSamePort() throws Exception {
		first.write(folder);
		try (var server = new StandaloneServer(); HttpClient client = first.client()) {
			server.register(TestHandler.saying("fine"), "/fine");
			assertEquals("fine", get(client, server.uri()));
			var config = new HashMap<>(config());
			config.put("port", server.uri().getPort());
			server.configure(config);
			assertEquals("https", server.uri().getScheme());
			assertEquals("fine", get(client, server.uri()));
		}
	}

	@Test
	void aKeyOfAnotherCertificateIsRefused() throws Exception {
		first.write(folder);
		Files.move(folder.resolve("certificate.pem"), folder.resolve("mine.pem"));
		second.write(folder);
		Files.move(folder.resolve("mine.pem"), folder.resolve("certificate.pem"), StandardCopyOption.REPLACE_EXISTING);
		refused("is not that of the certificate");
	}

	@Test
	void whatIsExpiredMissingEncryptedOrNoPemIsRefused() throws Exception {
		refused("there is no file");
		TestCertificate.make(folder, "EC", "-startdate", "-10d", "-validity", "5").write(folder);
		refused("expired at");
		first.write(folder);
		Files.writeString(folder.resolve("key.pem"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
		refused("is encrypted: decrypt it");
		Files.writeString(folder.resolve("key.pem"), "nonsense");
		refused("has no private key");
		try (var server = new StandaloneServer(Map.of("certificate", "one"))) {
			assertTrue(server.problem().orElseThrow().contains("go together"), server.problem().toString());
		}
	}

	private void refused(String why) throws Exception {
		try (var server = new StandaloneServer(config())) {
			assertTrue(server.problem().orElseThrow().contains(why), server.problem().toString());
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "TLSv1.2", "TLSv1.3" })
	void aHandlerHearsWhenTheClientGoesAwayWhileNothingIsWritten(String protocol) throws Exception {
		first.write(folder);
		try (var server = new StandaloneServer(config())) {
			var handler = TestHandler.waiting("never");
			server.register(handler, "/slow");
			var socket = (SSLSocket) first.context().getSocketFactory().createSocket("127.0.0.1", server.uri().getPort());
			socket.setEnabledProtocols(new String[] { protocol });
			socket.getOutputStream().write("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody".getBytes(StandardCharsets.US_ASCII));
			handler.entered.await();
			assertEquals(1, handler.gone.getCount());
			socket.close();
			handler.gone.await();
			handler.go();
		}
	}

	@Test
	void aConnectionServesManyWatchedRequestsOneAfterTheOther() throws Exception {
		first.write(folder);
		try (var server = new StandaloneServer(config());
				var socket = first.context().getSocketFactory().createSocket("127.0.0.1", server.uri().getPort())) {
			server.register(TestHandler.saying("fine"), "/fine");
			for (int i = 0; i < 200; i++) {
				socket.getOutputStream().write("POST /fine HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody".getBytes(StandardCharsets.US_ASCII));
				var answer = new StringBuilder();
				while (!answer.toString().endsWith("fine"))
					answer.append((char) socket.getInputStream().read());
				assertTrue(answer.toString().startsWith("HTTP/1.1 200 "), answer::toString);
			}
		}
	}

	private Map<String, Object> config() {
		return Map.of("certificate", folder.resolve("certificate.pem").toString(), "certificateKey", folder.resolve("key.pem").toString());
	}

	private static String get(HttpClient client, URI server) throws Exception {
		return client.send(HttpRequest.newBuilder(server.resolve("/fine")).build(), BodyHandlers.ofString()).body();
	}
}
