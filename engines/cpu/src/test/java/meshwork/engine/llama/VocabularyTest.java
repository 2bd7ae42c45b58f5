package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.api.engine.Model;
import meshwork.api.engine.Vocabulary;
import meshwork.api.engine.Vocabulary.Infill;

/** Text to tokens and back. */
@RunsHere
class VocabularyTest {

	private static LlamaEngine engine;
	private static Vocabulary vocabulary;

	@BeforeAll
	static void load() {
		engine = Natives.engine();
		Model model = Natives.starter(engine);
		vocabulary = model.vocabulary();
	}

	@AfterAll
	static void close() {
		engine.close();
	}

	@ParameterizedTest
	@ValueSource(strings = {"Once upon a time", "", " ", "a\nb\r\n\tc", "zwölf Boxkämpfer €", "漢字かな交じり文", "👩‍👩‍👧‍👦 👍🏽", "\u0000x", "{\"a\": [1, 2.5e-3]}"})
	void textComesBackFromItsTokens(String text) {
		assertEquals(text, text(vocabulary.tokenize(text, false, false), false));
	}

	@Test
	void aLongTextComesBackToo() {
		String text = "The quick brown fox jumps over the lazy dog. ".repeat(5000);

		assertEquals(text, text(vocabulary.tokenize(text, false, false), false));
	}

	@Test
	void namesOfControlTokensAreTokensOnlyWhereThatIsAskedFor() {
		assertEquals(1, vocabulary.tokenize("<|im_end|>", true, false).length);
		assertTrue(vocabulary.tokenize("<|im_end|>", false, false).length > 1);
	}

	@Test
	void controlTokensHaveNamesButStandForNothing() {
		int end = vocabulary.tokenize("<|im_end|>", true, false)[0];

		assertEquals("<|im_end|>", new String(vocabulary.bytes(end, true), StandardCharsets.UTF_8));
		assertArrayEquals(new byte[0], vocabulary.bytes(end, false));
		assertTrue(vocabulary.ends(end));
		assertFalse(vocabulary.ends(vocabulary.tokenize("a", false, false)[0]));
		assertTrue(vocabulary.ends(vocabulary.end().orElseThrow()));
	}

	@Test
	void theBeginTokenStandsInFrontWhereTheModelWantsOne() {
		int[] without = vocabulary.tokenize("a", false, false);
		int[] with = vocabulary.tokenize("a", false, true);

		assertEquals(vocabulary.addsBegin() ? without.length + 1 : without.length, with.length);
	}

	@Test
	void aModelForTalkHasNoMarksForGaps() {
		for (Infill part : Infill.values())
			assertTrue(vocabulary.infill(part).isEmpty());
	}

	@Test
	void aTokenThatIsNoneIsRefused() {
		assertThrows(IndexOutOfBoundsException.class, () -> vocabulary.bytes(-1, true));
		assertThrows(IndexOutOfBoundsException.class, () -> vocabulary.bytes(vocabulary.size(), true));
		assertThrows(IndexOutOfBoundsException.class, () -> vocabulary.ends(vocabulary.size()));
	}

	private static String text(int[] tokens, boolean special) {
		var bytes = new ByteArrayOutputStream();
		for (int token : tokens)
			bytes.writeBytes(vocabulary.bytes(token, special));
		return bytes.toString(StandardCharsets.UTF_8);
	}
}
