package meshwork.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

import org.osgi.service.log.Logger;

/** A configuration that was found to be sound. */
record Settings(InetAddress host, int port, Keys keys, Origins origins, Optional<Tls> tls, Quota.Limits quota, int maxHeader, long maxBody,
		int maxConnections, int maxConnectionsPerAddress, Duration arrive, Duration idle, Duration drain) {

	/**
	 * Checks a configuration.
	 *
	 * @param keyFile where keys are if the configuration names no file
	 * @throws IllegalArgumentException when it can't be followed; the message says what to set
	 */
	static Settings of(HttpServer.Config config, Optional<Path> keyFile, Logger log) {
		if (config.port() < 0 || config.port() > 65535)
			throw new IllegalArgumentException("port of meshwork.http is %d: it has to be from 0 to 65535".formatted(config.port()));
		InetAddress host = host(config.host());
		Keys keys = keys(config, keyFile);
		if (!host.isLoopbackAddress() && !keys.needed())
			throw new IllegalArgumentException(("not listening on %s: beyond this machine a key is needed; set apiKeys (or apiKeyFile) of "
					+ "meshwork.http, or host to 127.0.0.1").formatted(config.host()));
		var quota = new Quota.Limits(config.requestsPerMinute(), Math.max(1, config.requestBurst()), config.maxRunning());
		return new Settings(host, config.port(), keys, Origins.of(config.corsOrigins()), tls(config, log), quota, config.maxHeader(), config.maxBody(),
				config.maxConnections(), config.maxConnectionsPerAddress(), Duration.ofSeconds(config.arriveSeconds()),
				Duration.ofSeconds(config.idleSeconds()), Duration.ofSeconds(config.drainSeconds()));
	}

	private static InetAddress host(String name) {
		try {
			return InetAddress.getByName(name);
		} catch (UnknownHostException e) {
			throw new IllegalArgumentException("host of meshwork.http is '%s', which is no address of this machine".formatted(name), e);
		}
	}

	private static Keys keys(HttpServer.Config config, Optional<Path> keyFile) {
		Optional<KeyFile> file = config.apiKeyFile().isBlank() ? keyFile.map(path -> new KeyFile(path, false))
				: Optional.of(new KeyFile(Path.of(config.apiKeyFile()), true));
		return new Keys(Key.read(Arrays.stream(config.apiKeys())), Key.read(Arrays.stream(config.ownKeys())), file);
	}

	private static Optional<Tls> tls(HttpServer.Config config, Logger log) {
		boolean certificate = !config.certificate().isBlank();
		if (certificate == config.certificateKey().isBlank())
			throw new IllegalArgumentException("certificate and certificateKey of meshwork.http go together: set both, or none");
		return certificate ? Optional.of(new Tls(Path.of(config.certificate()), Path.of(config.certificateKey()), log)) : Optional.empty();
	}
}
