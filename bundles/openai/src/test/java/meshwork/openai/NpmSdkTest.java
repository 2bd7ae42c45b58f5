package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The official SDK for JavaScript, as {@code src/test/node/suite.mjs} uses it. Skipped where there is no npm. */
@Timeout(300)
class NpmSdkTest {

	private static final Path SOURCES = Path.of("src/test/node");
	private static final Path FOLDER = Path.of("target/node");

	@Test
	void itsSuitePasses() throws Exception {
		assumeTrue(isThere("npm"), "npm is not installed");
		Files.createDirectories(FOLDER);
		try (var sources = Files.list(SOURCES)) {
			for (Path source : sources.filter(Files::isRegularFile).toList())
				Files.write(FOLDER.resolve(source.getFileName()), Files.readAllBytes(source));
		}
		run(Map.of(), "npm", "ci", "--no-audit", "--no-fund");
		try (Target target = Target.open()) {
			run(Map.of("MESHWORK_URL", target.url(), "MESHWORK_MODEL", target.model(), "MESHWORK_ENDLESS", target.endless(), "MESHWORK_STUCK",
					target.scripted().isPresent() ? ScriptedInference.STUCK : target.model()), "node", "--test", "suite.mjs");
			target.awaitCancelled();
		}
	}

	private static boolean isThere(String program) throws InterruptedException {
		try {
			return new ProcessBuilder(program, "--version").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
		} catch (IOException e) {
			return false;
		}
	}

	private static void run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
		Path output = FOLDER.resolve(command[0] + ".log");
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
