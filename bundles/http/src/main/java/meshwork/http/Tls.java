package meshwork.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Optional;

import javax.net.ssl.SSLEngine;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.osgi.service.log.Logger;

/** Speaks TLS 1.2 and 1.3 with a certificate from files; when they change, with the new one, if that is sound. */
final class Tls extends SslConnectionFactory {

	private record Stamps(Optional<Stamp> certificate, Optional<Stamp> key) {
	}

	private final Path certificate;
	private final Path key;
	private final Logger log;
	private Stamps stamps;

	/** @throws IllegalArgumentException when the files can't be used; the message says why */
	Tls(Path certificate, Path key, Logger log) {
		super(new SslContextFactory.Server(), "http/1.1");
		this.certificate = certificate;
		this.key = key;
		this.log = log;
		stamps = stamps();
		SslContextFactory.Server factory = getSslContextFactory();
		factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
		factory.setSniRequired(false);
		use(factory, Certificate.read(certificate, key));
		try {
			start();
		} catch (Exception e) {
			throw new IllegalArgumentException("TLS can't be had with %s: %s".formatted(certificate, e.getMessage()), e);
		}
	}

	private Stamps stamps() {
		return new Stamps(Stamp.of(certificate), Stamp.of(key));
	}

	private static void use(SslContextFactory factory, Certificate certificate) {
		try {
			KeyStore store = KeyStore.getInstance("PKCS12");
			store.load(null, null);
			store.setKeyEntry("meshwork", certificate.key(), new char[0], certificate.chain().toArray(X509Certificate[]::new));
			factory.setKeyStore(store);
			factory.setKeyStorePassword("");
		} catch (GeneralSecurityException | IOException e) {
			throw new IllegalArgumentException("the certificate can't be used: " + e.getMessage(), e);
		}
	}

	/** Files that can't be used leave the certificate that is; they are looked at again when they change again. */
	private synchronized void refresh() {
		Stamps now = stamps();
		if (now.equals(stamps))
			return;
		stamps = now;
		try {
			Certificate next = Certificate.read(certificate, key);
			getSslContextFactory().reload(factory -> use(factory, next));
			log.info("a new certificate is used, until {}", next.chain().getFirst().getNotAfter().toInstant());
		} catch (Exception e) {
			log.warn("the certificate stays as it was: {}", e.getMessage());
		}
	}

	@Override
	public Connection newConnection(Connector connector, EndPoint endPoint) {
		refresh();
		return super.newConnection(connector, endPoint);
	}

	@Override
	protected SslConnection newSslConnection(Connector connector, EndPoint endPoint, SSLEngine engine) {
		return new SslConnection(connector.getByteBufferPool(), connector.getExecutor(), getSslContextFactory(), endPoint, engine,
				isDirectBuffersForDecryption(), isDirectBuffersForEncryption()) {
			@Override
			protected SslEndPoint newSslEndPoint() {
				return new Decrypted(this);
			}
		};
	}

	/** What a client says inside of TLS: only there its end is seen, since it says goodbye before it closes. */
	private static final class Decrypted extends SslConnection.SslEndPoint implements Watched {

		private final Watch watch = new Watch() {
			@Override
			int read(ByteBuffer buffer) throws IOException {
				return Decrypted.super.fill(buffer);
			}

			@Override
			boolean tryAsk(Callback callback) {
				return Decrypted.super.tryFillInterested(callback);
			}

			@Override
			boolean isAsked() {
				return Decrypted.super.isFillInterested();
			}
		};

		Decrypted(SslConnection connection) {
			connection.super();
		}

		@Override
		public Watch watch() {
			return watch;
		}

		@Override
		public int fill(ByteBuffer buffer) throws IOException {
			return watch.fill(buffer);
		}

		@Override
		public void fillInterested(Callback callback) {
			watch.fillInterested(callback);
		}

		@Override
		public boolean tryFillInterested(Callback callback) {
			return watch.tryFillInterested(callback);
		}

		@Override
		public boolean isFillInterested() {
			return watch.isFillInterested();
		}
	}
}
