package meshwork.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script by which the launcher finds a JDK, on folders that look like some. */
class JdkScriptTest {

	private static final Path SCRIPT = Path.of("src/main/bin/jdk.sh").toAbsolutePath();

	@TempDir
	Path folder;

	@Test
	void theOneThatIsNamedForMeshworkComesFirst() throws Exception {
		Path named = jdk("named", "26.0.1");
		Path other = jdk("other", "25.0.1");
		assertEquals(named.toString(), find(Map.of("MESHWORK_JAVA_HOME", named.toString(), "JAVA_HOME", other.toString())));
	}

	@Test
	void oneThatIsNamedForMeshworkAndTooOldIsRefused() throws Exception {
		Path old = jdk("old", "21.0.4");
		String said = find(Map.of("MESHWORK_JAVA_HOME", old.toString()));
		assertEquals("meshwork: MESHWORK_JAVA_HOME is %s, which holds Java 21.0.4: it takes JDK 25 or newer".formatted(old), said);
	}

	@Test
	void javaHomeComesBeforeThePath() throws Exception {
		Path home = jdk("home", "25.0.1");
		Path path = jdk("path", "25.0.2");
		assertEquals(home.toString(), find(Map.of("JAVA_HOME", home.toString(), "PATH", path.resolve("bin") + ":/usr/bin:/bin")));
	}

	@Test
	void anOldOneIsPassedOver() throws Exception {
		Path old = jdk("home", "17.0.15");
		Path path = jdk("path", "25.0.2");
		assertEquals(path.toString(), find(Map.of("JAVA_HOME", old.toString(), "PATH", path.resolve("bin") + ":/usr/bin:/bin")));
	}

	@Test
	void aLinkOnThePathIsFollowedToItsJdk() throws Exception {
		Path jdk = jdk("jdk with blanks", "25.0.2");
		Path bin = Files.createDirectory(folder.resolve("bin"));
		Files.createSymbolicLink(bin.resolve("java.real"), jdk.resolve("bin/java"));
		Files.createSymbolicLink(bin.resolve("java"), Path.of("java.real"));
		assertEquals(jdk.toString(), find(Map.of("PATH", bin + ":/usr/bin:/bin")));
	}

	@Test
	void aRuntimeWithoutACompilerIsNoJdkToBuildWith() throws Exception {
		Path runtime = jdk("runtime", "25.0.2");
		assertTrue(run("jdk_find javac", Map.of("MESHWORK_JAVA_HOME", runtime.toString())).contains("no JDK"));
	}

	@ParameterizedTest
	@CsvSource({ "25.0.10, 25.0.9, true", "25.0.9, 25.0.10, false", "25.0.1, 25.0.1, false", "25.0.1, 25, true", "25.1.0, 25.0.9, true",
			"25.0.1.2, 25.0.1.1, true" })
	void updatesAreComparedByTheirNumbers(String one, String other, boolean newer) throws Exception {
		assertEquals(newer ? "newer" : "", run("if jdk_newer %s %s; then echo newer; fi".formatted(one, other), Map.of()));
	}

	private Path jdk(String name, String version) throws IOException {
		Path home = folder.resolve(name);
		Files.createDirectories(home.resolve("bin"));
		Files.writeString(home.resolve("bin/java"), "").toFile().setExecutable(true);
		Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Somebody\"\nJAVA_VERSION=\"%s\"\nJAVA_VERSION_DATE=\"2026-01-01\"\n".formatted(version));
		return home;
	}

	private String find(Map<String, String> environment) throws Exception {
		return run("jdk_find java && echo \"$jdk_home\"", environment);
	}

	private String run(String commands, Map<String, String> environment) throws Exception {
		var builder = new ProcessBuilder("sh", "-c", "set -u; . '%s'; %s".formatted(SCRIPT, commands)).redirectErrorStream(true);
		builder.environment().clear();
		builder.environment().putAll(Map.of("HOME", folder.toString(), "PATH", "/usr/bin:/bin"));
		builder.environment().putAll(environment);
		Process process = builder.start();
		String said = new String(process.getInputStream().readAllBytes());
		process.waitFor();
		return said.strip();
	}
}
