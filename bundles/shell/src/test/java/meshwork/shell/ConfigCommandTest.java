package meshwork.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ConfigCommandTest {

	@Test
	void aSecretIsNeverShown() {
		assertEquals("hidden", ConfigCommand.shown("apiKeys", new String[] { "s3cret" }));
		assertEquals("hidden, 2", ConfigCommand.shown("apiKeys", new String[] { "s3cret", "other" }));
		assertEquals("hidden", ConfigCommand.shown("relayToken", "s3cret"));
	}

	@Test
	void thatThereIsNoneIs() {
		assertEquals("none", ConfigCommand.shown("apiKeys", new String[0]));
		assertEquals("none", ConfigCommand.shown("apiKeyFile", ""));
		assertEquals("/etc/keys", ConfigCommand.shown("apiKeyFile", "/etc/keys"));
	}

	@Test
	void otherValuesAreShownAsTheyAre() {
		assertEquals("9337", ConfigCommand.shown("port", 9337L));
		assertEquals("a.gguf, b.gguf", ConfigCommand.shown("models", new String[] { "a.gguf", "b.gguf" }));
	}
}
