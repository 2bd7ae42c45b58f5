package meshwork.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A configuration that was found to be sound. */
record Settings(InetAddress host, int port, Keys keys, long maxBody, Duration idle, Duration drain) {

	/**
	 * Checks a configuration.
	 *
	 * @throws IllegalArgumentException when it can't be followed; the message says what to set
	 */
	static Settings of(HttpServer.Config config) {
		if (config.port() < 0 || config.port() > 65535)
			throw new IllegalArgumentException("port of meshwork.http is %d: it has to be from 0 to 65535".formatted(config.port()));
		InetAddress host = host(config.host());
		Keys keys = Keys.of(keys(config));
		if (!host.isLoopbackAddress() && keys.none())
			throw new IllegalArgumentException(("not listening on %s: beyond this machine a key is needed; set apiKeys (or apiKeyFile) of "
					+ "meshwork.http, or host to 127.0.0.1").formatted(config.host()));
		return new Settings(host, config.port(), keys, config.maxBody(), Duration.ofSeconds(config.idleSeconds()),
				Duration.ofSeconds(config.drainSeconds()));
	}

	private static InetAddress host(String name) {
		try {
			return InetAddress.getByName(name);
		} catch (UnknownHostException e) {
			throw new IllegalArgumentException("host of meshwork.http is '%s', which is no address of this machine".formatted(name), e);
		}
	}

	private static List<String> keys(HttpServer.Config config) {
		var keys = new ArrayList<>(Arrays.asList(config.apiKeys()));
		if (!config.apiKeyFile().isBlank())
			try {
				keys.addAll(Files.readAllLines(Path.of(config.apiKeyFile())));
			} catch (IOException e) {
				throw new IllegalArgumentException("apiKeyFile of meshwork.http can't be read: " + config.apiKeyFile(), e);
			}
		return keys.stream().map(String::strip).filter(key -> !key.isEmpty() && !key.startsWith("#")).toList();
	}
}
