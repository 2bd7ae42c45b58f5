package meshwork.engine.llama;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import org.osgi.service.log.Logger;

import meshwork.api.engine.Engine;
import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelFile;

/** The libraries under test, and the starter model. */
final class Natives {

	/** Of the libraries in the bundle. */
	static final String RELEASE = System.getProperty("natives.release");
	static final Path FOLDER = Path.of(System.getProperty("natives.folder"));
	/** The release before. */
	static final Path BEFORE = Path.of(System.getProperty("natives.before"));
	static final Path STARTER = Path.of(System.getProperty("starter"));

	private static final Path CACHE = Path.of("target", "natives");

	private Natives() {
	}

	/** Whether the libraries under test are for this machine. */
	static boolean runHere() {
		String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).substring(0, 3);
		boolean arm = System.getProperty("os.arch").equals("aarch64");
		return System.getProperty("natives.osname").toLowerCase(Locale.ROOT).startsWith(system)
				&& System.getProperty("natives.processor").equals(arm ? "AArch64" : "x86-64");
	}

	static LlamaEngine engine() {
		return engine(RELEASE, FOLDER);
	}

	static LlamaEngine engine(String release, Path folder) {
		List<URL> files = files(folder);
		return LlamaEngine.open("cpu", "cpu", release, new NativeFiles(digest(files), files), CACHE, silent());
	}

	static Model starter(Engine engine) {
		return engine.load(file(STARTER.resolve("starter.gguf")), LoadOptions.DEFAULT, share -> { });
	}

	static ModelFile file(Path path) {
		try {
			return new ModelFile("gguf", List.of(path), path.getFileName().toString(), Files.size(path));
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	static List<URL> files(Path folder) {
		try (Stream<Path> files = Files.list(folder)) {
			return files.filter(file -> file.toString().matches(".*\\.(so|dylib|dll)") && !file.toString().contains("llama-common"))
					.sorted().map(Natives::url).toList();
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	private static URL url(Path file) {
		try {
			return file.toUri().toURL();
		} catch (MalformedURLException e) {
			throw new UncheckedIOException(e);
		}
	}

	private static String digest(List<URL> files) {
		try {
			MessageDigest digest = MessageDigest.getInstance("SHA-256");
			for (URL file : files)
				digest.update(file.openStream().readAllBytes());
			return HexFormat.of().formatHex(digest.digest());
		} catch (IOException | NoSuchAlgorithmException e) {
			throw new IllegalStateException(e);
		}
	}

	static Logger silent() {
		return (Logger) Proxy.newProxyInstance(Natives.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
			if (System.getProperty("natives.log") != null)
				System.err.println(method.getName() + " " + arguments[0]);
			return method.getReturnType() == boolean.class ? (Object) false : null;
		});
	}
}
