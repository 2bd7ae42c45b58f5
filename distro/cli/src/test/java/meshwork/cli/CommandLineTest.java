package meshwork.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says where there is no node, and how it ends. */
class CommandLineTest {

	private final PrintStream out = System.out;
	private final PrintStream err = System.err;
	private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
	private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

	@TempDir
	Path data;

	@BeforeEach
	void listen() {
		System.setOut(new PrintStream(printed, true));
		System.setErr(new PrintStream(complained, true));
	}

	@AfterEach
	void restore() {
		System.setOut(out);
		System.setErr(err);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"sreve                | Unmatched argument at index 0: 'sreve'; did you mean serve?",
			"serve --prot 1       | Unknown options: '--prot', '1'",
			"serve --port x       | Invalid value for option '--port': 'x' is not an int",
			"serve --model        | Missing required parameter for option '--model' (FILE)",
			"serve --threads 0    | --threads is 0; it has to be 1 or more",
			"ask                  | Missing required parameter: 'QUESTION'",
			"ask ''               | the question is empty",
			"status --yaml        | Unknown option: '--yaml'" })
	void aCommandLineThatIsNotUnderstoodIsTold(String line, String said) {
		assertEquals(2, run(line));
		assertEquals("meshwork: " + said, complained.toString().lines().findFirst().orElse(""));
	}

	@Test
	void noCommandAtAllIsNotUnderstoodEither() {
		assertEquals(2, Meshwork.execute());
		assertEquals("meshwork: there is no command\nsee: meshwork help\n", complained.toString());
	}

	@ParameterizedTest
	@ValueSource(strings = { "status", "models", "stop", "shell mesh:status" })
	void withoutANodeThereIsNobodyToAsk(String line) {
		String[] words = line.split(" ", 2);
		assertEquals(12, words.length == 1 ? Meshwork.execute(line, "--data", data.toString()) : Meshwork.execute(words[0], "--data", data.toString(), words[1]));
		assertEquals("meshwork: no node runs on %s; start one with: meshwork serve\n".formatted(data), complained.toString());
	}

	@Test
	void asJsonTheStatusOfNoNodeIsStopped() {
		assertEquals(12, Meshwork.execute("status", "--json", "--data", data.toString()));
		assertEquals("{\"status\":\"stopped\"}\n", printed.toString());
	}

	@Test
	void aModelToAskThatIsNowhereIsNamed() {
		assertEquals(4, Meshwork.execute("ask", "--data", data.toString(), "--model", "nowhere.gguf", "Hello"));
		assertTrue(complained.toString().contains("there is no model file 'nowhere.gguf'"), complained.toString());
	}

	@ParameterizedTest
	@ValueSource(strings = { "version", "--version", "-V" })
	void theVersionTellsTheJavaToo(String asked) {
		assertEquals(0, Meshwork.execute(asked));
		assertTrue(printed.toString().matches("Meshwork \\S+ on Java 2\\d.*\\R"), printed.toString());
	}

	@ParameterizedTest
	@ValueSource(strings = { "serve", "ask", "status", "models", "stop", "shell", "version" })
	void helpNamesEveryCommandAndExplainsIt(String command) {
		assertEquals(0, Meshwork.execute("help"));
		assertTrue(printed.toString().contains("\n  " + command + " "), printed.toString());
		printed.reset();
		assertEquals(0, Meshwork.execute("help", command));
		assertTrue(printed.toString().startsWith("Usage: meshwork " + command), printed.toString());
	}

	@ParameterizedTest
	@EnumSource(ExitCode.class)
	void helpNamesEveryExitCode(ExitCode code) {
		Meshwork.execute("help");
		assertTrue(printed.toString().lines().anyMatch(line -> line.matches("  %d +\\S.*".formatted(code.code()))), printed.toString());
	}

	@ParameterizedTest
	@ValueSource(strings = { "--help", "-h", "serve --help", "shell -h" })
	void helpIsAnOptionToo(String line) {
		assertEquals(0, run(line));
		assertTrue(printed.toString().startsWith("Usage: meshwork"), printed::toString);
	}

	@Test
	void aReasonThatTheNodeNamesHasItsExitCode() {
		assertEquals(ExitCode.TRUNCATED, ExitCode.ofReason("truncated"));
		assertEquals(ExitCode.NOT_LOADED, ExitCode.ofReason("something new"));
	}

	private static int run(String line) {
		return Meshwork.execute(java.util.Arrays.stream(line.split(" +")).map(word -> word.equals("''") ? "" : word).toArray(String[]::new));
	}
}
