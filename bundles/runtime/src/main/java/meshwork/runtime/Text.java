package meshwork.runtime;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The text of a choice as its bytes come in. Gives out whole characters only, and keeps back whatever may be the beginning of a
 * stop, however the two are cut into tokens.
 */
final class Text {

	private final List<String> stops;
	private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE);
	private final StringBuilder held = new StringBuilder();
	private ByteBuffer bytes = ByteBuffer.allocate(64);
	private CharBuffer characters = CharBuffer.allocate(64);
	private int released;
	private int sure;
	private Optional<String> stop = Optional.empty();

	Text(List<String> stops) {
		this.stops = stops;
	}

	/** Takes in what a token stands for. */
	void add(byte[] more) {
		if (bytes.remaining() < more.length)
			bytes = ByteBuffer.allocate(2 * (bytes.position() + more.length)).put(bytes.flip());
		bytes.put(more);
		decode(false);
	}

	/** Nothing more comes: what was kept back is said, and of a character that is not whole, U+FFFD. */
	void end() {
		if (stop.isPresent())
			return;
		decode(true);
		sure = held.length();
	}

	private void decode(boolean last) {
		bytes.flip();
		if (characters.capacity() < bytes.remaining() + 1)
			characters = CharBuffer.allocate(2 * bytes.remaining());
		decoder.decode(bytes, characters, last);
		if (last)
			decoder.flush(characters);
		bytes.compact();
		held.append(characters.flip());
		characters.clear();
		seek();
	}

	private void seek() {
		int first = held.length();
		for (String candidate : stops) {
			int at = held.indexOf(candidate);
			if (at >= 0 && at < first) {
				first = at;
				stop = Optional.of(candidate);
			}
		}
		if (stop.isPresent())
			held.setLength(first);
		sure = stop.isPresent() ? first : held.length() - begun();
	}

	/** Length of the longest end of the text that begins a stop. */
	private int begun() {
		int longest = 0;
		for (String candidate : stops)
			for (int length = Math.min(candidate.length() - 1, held.length()); length > longest; length--)
				if (held.indexOf(candidate.substring(0, length), held.length() - length) >= 0)
					longest = length;
		return longest;
	}

	/** The stop that was reached; the text ends before it. */
	Optional<String> stop() {
		return stop;
	}

	/** Gives out what is certain; empty when nothing is. */
	String release() {
		if (sure == 0)
			return "";
		String text = held.substring(0, sure);
		held.delete(0, sure);
		released += sure;
		sure = 0;
		return text;
	}

	/** How much was given out, in UTF-16 units. */
	int released() {
		return released;
	}

	/** How much there is, given out or held back. */
	int length() {
		return released + held.length();
	}
}
