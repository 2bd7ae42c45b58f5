package meshwork.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

	private final Settings settings = new Settings();

	@Test
	void theCommandLineOverridesTheEnvironmentAndThatTheFiles(@TempDir Path folder) throws IOException {
		Files.writeString(folder.resolve("meshwork.http.json"), """
				{ "host": "127.0.0.1", "port": 1, "apiKeys": ["a", "b"], /* a comment */ }
				""");
		settings.folder(folder);
		settings.environment(Map.of("MESHWORK_HTTP_PORT", "2", "MESHWORK_HTTP_HOST", "::1", "HOME", "/nowhere"));
		settings.document("{\"meshwork.http\": {\"port\": 3}}", "the command line");
		var http = settings.configurations().get("meshwork.http");
		assertEquals(3L, http.get("port"));
		assertEquals("::1", http.get("host"));
		assertArrayEquals(new String[] { "a", "b" }, (String[]) http.get("apiKeys"));
		assertEquals(1, settings.configurations().size());
	}

	@Test
	void aVariableOfSeveralWordsIsAKeyOfSeveralWords() {
		settings.environment(Map.of("MESHWORK_HTTP_API_KEYS", "[\"x\", \"y\"]"));
		assertArrayEquals(new String[] { "x", "y" }, (String[]) settings.configurations().get("meshwork.http").get("apiKeys"));
	}

	@Test
	void aVariableOfTheLauncherIsNoConfiguration() {
		settings.environment(Map.of("MESHWORK_DATA", "/somewhere", "MESHWORK_JAVA_HOME", "/jdk", "MESHWORK_HTTP__PORT", "1"));
		assertTrue(settings.configurations().isEmpty());
	}

	@Test
	void aFolderThatIsNotThereHoldsNothing(@TempDir Path folder) throws IOException {
		settings.folder(folder.resolve("none"));
		assertTrue(settings.configurations().isEmpty());
	}

	@ParameterizedTest
	@ValueSource(strings = { "{", "[1]", "{\"a\": 1}", "{\"a\": {\"b\": null}}", "{\"a\": {\"b\": {\"c\": 1}}}", "{\"a\": {\"b\": [[1]]}}" })
	void whatIsNotAConfigurationIsRefusedByTheNameOfItsOrigin(String json) {
		var refused = assertThrows(IllegalArgumentException.class, () -> settings.document(json, "the command line"));
		assertTrue(refused.getMessage().startsWith("the command line"), refused.getMessage());
	}
}
