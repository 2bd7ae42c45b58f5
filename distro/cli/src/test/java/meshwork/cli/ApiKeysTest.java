package meshwork.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys are made, listed and revoked; the file knows their hashes alone. */
class ApiKeysTest {

	@TempDir
	Path folder;
	private ApiKeys keys;

	@BeforeEach
	void name() {
		keys = new ApiKeys(folder.resolve("data/api.keys"));
	}

	@Test
	void aKeyIsToldOnceAndKeptAsItsHash() throws IOException {
		String key = keys.add("alice");
		assertTrue(key.matches("mw-[A-Za-z0-9_-]{32}"), key);
		String content = Files.readString(keys.file());
		assertTrue(content.endsWith("\n" + ApiKeys.line("alice", key) + "\n"), content);
		assertFalse(content.contains(key));
		assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.file())));
		assertNotEquals(key, keys.add("bob"));
		assertEquals(List.of("alice", "bob"), keys.names());
	}

	@Test
	void aKeyThatIsRevokedIsGoneAndTheRestStays() throws IOException {
		Files.createDirectories(folder.resolve("data"));
		Files.writeString(keys.file(), "# ours\nnameless\nalice: secret\n");
		keys.add("bob");
		keys.remove("alice");
		assertEquals(List.of("bob"), keys.names());
		assertTrue(Files.readString(keys.file()).startsWith("# ours\nnameless\nbob: sha256:"));
		keys.remove("bob");
		assertTrue(Files.exists(keys.file()), "without its last key the door stays closed");
	}

	@Test
	void whatCanNotBeDoneIsSaid() throws IOException {
		keys.add("alice");
		assertTrue(assertThrows(Refusal.class, () -> keys.add("alice")).getMessage().contains("revoke it first"));
		assertTrue(assertThrows(Refusal.class, () -> keys.remove("bob")).getMessage().contains("there is no key 'bob'"));
		assertEquals(ExitCode.USAGE, assertThrows(Refusal.class, () -> keys.add("a: b")).code());
	}
}
