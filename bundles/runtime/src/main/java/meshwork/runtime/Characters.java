package meshwork.runtime;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Makes whole characters of bytes as they come in; what is no UTF-8 becomes U+FFFD. */
final class Characters {

	private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE);
	private ByteBuffer bytes = ByteBuffer.allocate(64);
	private CharBuffer characters = CharBuffer.allocate(64);

	/** The characters that are complete with these bytes. */
	String add(byte[] more) {
		if (bytes.remaining() < more.length)
			bytes = ByteBuffer.allocate(2 * (bytes.position() + more.length)).put(bytes.flip());
		bytes.put(more);
		return decode(false);
	}

	/** Nothing more comes: what is left of a character that is not whole. */
	String end() {
		return decode(true);
	}

	private String decode(boolean last) {
		bytes.flip();
		if (characters.capacity() < bytes.remaining() + 1)
			characters = CharBuffer.allocate(2 * bytes.remaining());
		decoder.decode(bytes, characters, last);
		if (last)
			decoder.flush(characters);
		bytes.compact();
		String text = characters.flip().toString();
		characters.clear();
		return text;
	}
}
