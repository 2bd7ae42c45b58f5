package meshwork.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of a GGUF file, put together by hand: whatever is asked for, right or wrong. */
final class Bytes {

	static final int U32 = ValueType.U32.ordinal();
	static final int STRING = ValueType.STRING.ordinal();
	static final int ARRAY = ValueType.ARRAY.ordinal();

	private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

	/** A file of version 3 with so many tensors and keys to follow. */
	static Bytes gguf(long tensors, long keys) {
		return new Bytes().raw("GGUF").u32(3).u64(tensors).u64(keys);
	}

	/** A file without metadata, with one tensor and its data to follow. */
	static Bytes tensor(String name, int type, long offset, long... shape) {
		return gguf(1, 0).info(name, type, offset, shape);
	}

	Bytes raw(String ascii) {
		bytes.writeBytes(ascii.getBytes(UTF_8));
		return this;
	}

	Bytes zeros(int count) {
		bytes.writeBytes(new byte[count]);
		return this;
	}

	Bytes u8(int value) {
		bytes.write(value);
		return this;
	}

	Bytes u32(long value) {
		bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt((int) value).array());
		return this;
	}

	Bytes u64(long value) {
		bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
		return this;
	}

	Bytes text(String text) {
		return u64(text.getBytes(UTF_8).length).raw(text);
	}

	/** A tensor of the header. */
	Bytes info(String name, int type, long offset, long... shape) {
		text(name).u32(shape.length);
		for (long extent : shape) {
			u64(extent);
		}
		return u32(type).u64(offset);
	}

	/** Zeros up to the next multiple of {@code alignment}. */
	Bytes pad(int alignment) {
		return zeros(-bytes.size() & (alignment - 1));
	}

	byte[] array() {
		return bytes.toByteArray();
	}
}
