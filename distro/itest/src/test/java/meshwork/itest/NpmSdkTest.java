package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of npm, as the suites of {@code src/test/node} use them. */
@Timeout(300)
class NpmSdkTest {

	private static final Path SOURCES = Path.of("src/test/node");
	private static final Path FOLDER = Path.of("target/node");

	@TempDir
	Path data;

	@Test
	void theirSuitesPass() throws Exception {
		Files.createDirectories(FOLDER);
		try (var sources = Files.list(SOURCES)) {
			for (Path source : sources.filter(Files::isRegularFile).toList())
				Files.write(FOLDER.resolve(source.getFileName()), Files.readAllBytes(source));
		}
		run(Map.of(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
		String key = Distribution.run(data, "key", "new", "sdk").out().strip();
		try (var node = new Distribution.Node(data)) {
			run(Map.of("MESHWORK_URL", node.url(), "MESHWORK_KEY", key, "MESHWORK_MODEL", "starter"), "npm", "test");
		}
	}

	private static void run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
		Path output = FOLDER.resolve(command[1] + ".log");
		var builder = new ProcessBuilder(List.of(command)).directory(FOLDER.toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
		builder.environment().putAll(environment);
		int code = builder.start().waitFor();
		assertEquals(0, code, () -> String.join(" ", command) + " failed:\n" + read(output));
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		} catch (IOException e) {
			throw new AssertionError(e);
		}
	}
}
