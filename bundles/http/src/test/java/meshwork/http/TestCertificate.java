package meshwork.http;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for this machine that was made for a test, by the JDK's own tool. */
record TestCertificate(X509Certificate certificate, byte[] pkcs8) {

	static TestCertificate make(Path folder, String algorithm, String... more) throws IOException, InterruptedException, GeneralSecurityException {
		Path file = folder.resolve("made.p12");
		Files.deleteIfExists(file);
		var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/keytool").toString(), "-genkeypair", "-keystore",
				file.toString(), "-storetype", "PKCS12", "-storepass", "secret", "-alias", "a", "-dname", "CN=localhost", "-ext",
				"san=dns:localhost,ip:127.0.0.1", "-keyalg", algorithm));
		command.addAll(Arrays.asList(more));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String said = new String(process.getInputStream().readAllBytes());
		if (process.waitFor() != 0)
			throw new AssertionError(said);
		KeyStore store = KeyStore.getInstance(file.toFile(), "secret".toCharArray());
		return new TestCertificate((X509Certificate) store.getCertificate("a"), store.getKey("a", "secret".toCharArray()).getEncoded());
	}

	/** Writes {@code certificate.pem} and {@code key.pem}. */
	void write(Path folder) throws IOException, GeneralSecurityException {
		write(folder, "PRIVATE KEY", pkcs8);
	}

	/** With the key in the form that OpenSSL wrote before it had PKCS#8: what is left of that after version and algorithm. */
	void writeOld(Path folder, String kind) throws IOException, GeneralSecurityException {
		int algorithm = head(0) + 3;
		int key = algorithm + 2 + pkcs8[algorithm + 1];
		write(folder, kind + " PRIVATE KEY", Arrays.copyOfRange(pkcs8, key + head(key), pkcs8.length));
	}

	/** Bytes of the tag and length that stand there. */
	private int head(int at) {
		return 2 + (pkcs8[at + 1] < 0 ? pkcs8[at + 1] & 0x7f : 0);
	}

	private void write(Path folder, String kind, byte[] key) throws IOException, GeneralSecurityException {
		replace(folder.resolve("certificate.pem"), pem("CERTIFICATE", certificate.getEncoded()));
		replace(folder.resolve("key.pem"), pem(kind, key));
	}

	/** As tools do it that renew certificates. */
	private static void replace(Path file, String content) throws IOException {
		Path next = Files.writeString(file.resolveSibling("next"), content);
		Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
	}

	private static String pem(String kind, byte[] content) {
		return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind);
	}

	/** A client that trusts this certificate and no other. */
	HttpClient client() throws IOException, GeneralSecurityException {
		return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(context()).build();
	}

	SSLContext context() throws IOException, GeneralSecurityException {
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(null, null);
		store.setCertificateEntry("a", certificate);
		var trust = TrustManagerFactory.getInstance("PKIX");
		trust.init(store);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, trust.getTrustManagers(), null);
		return context;
	}
}
