package meshwork.cli;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder of the distribution: {@code bin/ lib/ conf/ bundle/ deploy/ models/}.
 *
 * @param path absolute
 */
record Home(Path path) {

	/** The folder that this class was started from, or what the system property {@code meshwork.home} names. */
	static Home find() {
		String named = System.getProperty("meshwork.home");
		if (named != null)
			return new Home(Path.of(named).toAbsolutePath().normalize());
		try {
			Path jar = Path.of(Home.class.getProtectionDomain().getCodeSource().getLocation().toURI());
			return new Home(jar.getParent().getParent());
		} catch (URISyntaxException e) {
			throw new IllegalStateException(e);
		}
	}

	Path script() {
		return path.resolve("bin/meshwork");
	}

	Path conf() {
		return path.resolve("conf");
	}

	Path bundles() {
		return path.resolve("bundle");
	}

	Path deploy() {
		return path.resolve("deploy");
	}

	/** The model in the box. */
	Path starter() {
		return path.resolve("models/starter.gguf");
	}

	/** The release of this distribution. */
	static String version() {
		String version = Home.class.getPackage().getImplementationVersion();
		return version == null ? "unreleased" : version;
	}

	boolean complete() {
		return Files.isDirectory(bundles()) && Files.isDirectory(conf());
	}
}
