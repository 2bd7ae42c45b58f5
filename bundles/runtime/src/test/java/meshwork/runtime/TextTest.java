package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {

	private static List<String> pieces(Text text, byte[] bytes, int step) {
		var pieces = new ArrayList<String>();
		var characters = new Characters();
		for (int i = 0; i < bytes.length && text.stop().isEmpty(); i += step) {
			text.add(characters.add(Arrays.copyOfRange(bytes, i, Math.min(i + step, bytes.length))));
			pieces.add(text.release());
		}
		text.add(characters.end());
		text.end();
		pieces.add(text.release());
		return pieces;
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@ParameterizedTest
	@ValueSource(ints = {1, 2, 3, 5, 100})
	void charactersAreNeverCut(int step) {
		String said = "Grüße, 世界! 👩‍🚀 и всё";
		var pieces = pieces(new Text(List.of()), utf8(said), step);
		assertEquals(said, String.join("", pieces));
		for (String piece : pieces)
			assertFalse(!piece.isEmpty() && (Character.isLowSurrogate(piece.charAt(0))
					|| Character.isHighSurrogate(piece.charAt(piece.length() - 1)) || piece.contains("\ufffd")), piece);
	}

	@Test
	void bytesThatAreNoTextBecomeReplacementCharacters() {
		assertEquals("a\ufffdb\ufffd", String.join("", pieces(new Text(List.of()), new byte[] {'a', (byte) 0xff, 'b', (byte) 0xe4, (byte) 0xb8}, 1)));
	}

	@ParameterizedTest
	@ValueSource(ints = {1, 2, 3, 5, 100})
	void aStopEndsTheTextHoweverItIsCut(int step) {
		var text = new Text(List.of("</answer>", "END"));
		assertEquals("so <b>it</b> is", String.join("", pieces(text, utf8("so <b>it</b> is</answer> and more END"), step)));
		assertEquals(Optional.of("</answer>"), text.stop());
	}

	@Test
	void whatMayBeginAStopIsKeptBackUntilItIsKnown() {
		var text = new Text(List.of("abcd", "bx"));
		text.add("-abc");
		assertEquals("-", text.release());
		text.add("b");
		assertEquals("abc", text.release());
		text.add("c");
		assertEquals("bc", text.release());
		text.add("a");
		assertEquals("", text.release());
		text.end();
		assertEquals("a", text.release());
		assertEquals(Optional.empty(), text.stop());
	}

	@Test
	void theFirstStopInTheTextCounts() {
		var text = new Text(List.of("world", "lo w"));
		assertEquals("hel", String.join("", pieces(text, utf8("hello world"), 100)));
		assertEquals(Optional.of("lo w"), text.stop());
	}
}
