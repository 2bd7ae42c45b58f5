package meshwork.shell;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * What goes over the shell's socket, in both directions: a kind (one byte), a length (four), and as many bytes of content.
 *
 * @param content UTF-8 where it is text
 */
public record Frame(Kind kind, byte[] content) {

	private static final int MOST_BYTES = 16 << 20;

	/** What a frame says. */
	public enum Kind {
		/** To the node: the folder that relative paths start from. */
		FOLDER,
		/** To the node: a command line to run. */
		RUN,
		/** To the node: the beginning of a command line, to be completed at its end. */
		COMPLETE,
		/** To the node: end the command that runs. */
		INTERRUPT,
		/** From the node: what a command printed. */
		OUT,
		/** From the node: what it complained about. */
		ERR,
		/** From the node: the command has ended; its content is empty if it went well. */
		DONE,
		/** From the node: what could stand in place of the last word, a line each. */
		CANDIDATES
	}

	private static final Kind[] KINDS = Kind.values();

	public Frame(Kind kind, String text) {
		this(kind, text.getBytes(StandardCharsets.UTF_8));
	}

	/** The content as text. */
	public String text() {
		return new String(content, StandardCharsets.UTF_8);
	}

	/**
	 * Reads the next frame; waits for it.
	 *
	 * @throws EOFException when the other side is gone
	 */
	public static Frame read(ReadableByteChannel channel) throws IOException {
		ByteBuffer head = fill(channel, ByteBuffer.allocate(5));
		int kind = head.get();
		int length = head.getInt();
		if (kind < 0 || kind >= KINDS.length || length < 0 || length > MOST_BYTES)
			throw new IOException("what arrives at the shell's socket is no frame: kind %d, %d bytes".formatted(kind, length));
		return new Frame(KINDS[kind], fill(channel, ByteBuffer.allocate(length)).array());
	}

	/** Writes the frame whole; callers take turns. */
	public void write(WritableByteChannel channel) throws IOException {
		ByteBuffer buffer = ByteBuffer.allocate(5 + content.length).put((byte) kind.ordinal()).putInt(content.length).put(content).flip();
		while (buffer.hasRemaining())
			channel.write(buffer);
	}

	private static ByteBuffer fill(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
		while (buffer.hasRemaining())
			if (channel.read(buffer) < 0)
				throw new EOFException("the other side of the shell is gone");
		return buffer.flip();
	}
}
