package meshwork.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static meshwork.gguf.LittleEndian.DOUBLE;
import static meshwork.gguf.LittleEndian.FLOAT;
import static meshwork.gguf.LittleEndian.INT;
import static meshwork.gguf.LittleEndian.LONG;
import static meshwork.gguf.LittleEndian.SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A metadata value. Strings and arrays stay the bytes of the file until somebody asks for an element: a vocabulary of
 * 256 000 tokens costs its offsets, not 256 000 objects, and can be copied into another file as it is.
 */
public sealed interface Value {

	/** Its type in the file. */
	ValueType type();

	/** An integer; a {@code u64} above {@link Long#MAX_VALUE} is negative here. */
	record Int(ValueType type, long value) implements Value {
		public Int {
			if (!type.isInteger()) {
				throw new IllegalArgumentException(type + " is no integer type");
			}
		}

		@Override
		public String toString() {
			return type == ValueType.U64 ? Long.toUnsignedString(value) : Long.toString(value);
		}
	}

	/** A floating point number. */
	record Real(ValueType type, double value) implements Value {
		public Real {
			if (type != ValueType.F32 && type != ValueType.F64) {
				throw new IllegalArgumentException(type + " is no floating point type");
			}
		}

		@Override
		public String toString() {
			return Double.toString(value);
		}
	}

	/** A truth value. */
	record Bool(boolean value) implements Value {
		@Override
		public ValueType type() {
			return ValueType.BOOL;
		}

		@Override
		public String toString() {
			return Boolean.toString(value);
		}
	}

	/** A string, as its bytes; {@code toString} decodes them. */
	record Text(MemorySegment utf8) implements Value {
		@Override
		public ValueType type() {
			return ValueType.STRING;
		}

		@Override
		public boolean equals(Object other) {
			return other instanceof Text text && utf8.mismatch(text.utf8) < 0;
		}

		@Override
		public int hashCode() {
			return toString().hashCode();
		}

		@Override
		public String toString() {
			return decode(utf8);
		}
	}

	/** An array: of numbers, truth values or strings; GGUF files hold no arrays of arrays. */
	sealed interface Array extends Value {

		@Override
		default ValueType type() {
			return ValueType.ARRAY;
		}

		/** The type of its elements. */
		ValueType elementType();

		/** How many elements it has. */
		int size();

		/** Its elements, as they are in the file. */
		MemorySegment bytes();
	}

	/** An array of numbers or truth values. */
	record Numbers(ValueType elementType, MemorySegment bytes) implements Array {

		@Override
		public int size() {
			return (int) (bytes.byteSize() / elementType.bytes());
		}

		/** Element {@code i} of an array of integers or truth values. */
		public long integer(int i) {
			return integer(elementType, bytes, (long) i * elementType.bytes());
		}

		/** Element {@code i} of an array of floating point numbers. */
		public double real(int i) {
			return real(elementType, bytes, (long) i * elementType.bytes());
		}

		static long integer(ValueType type, MemorySegment bytes, long at) {
			return switch (type) {
				case U8, BOOL -> bytes.get(ValueLayout.JAVA_BYTE, at) & 0xFFL;
				case I8 -> bytes.get(ValueLayout.JAVA_BYTE, at);
				case U16 -> bytes.get(SHORT, at) & 0xFFFFL;
				case I16 -> bytes.get(SHORT, at);
				case U32 -> bytes.get(INT, at) & 0xFFFF_FFFFL;
				case I32 -> bytes.get(INT, at);
				case U64, I64 -> bytes.get(LONG, at);
				default -> throw new IllegalArgumentException(type + " is no integer type");
			};
		}

		static double real(ValueType type, MemorySegment bytes, long at) {
			return switch (type) {
				case F32 -> bytes.get(FLOAT, at);
				case F64 -> bytes.get(DOUBLE, at);
				default -> throw new IllegalArgumentException(type + " is no floating point type");
			};
		}

		@Override
		public boolean equals(Object other) {
			return other instanceof Numbers numbers && elementType == numbers.elementType
					&& bytes.mismatch(numbers.bytes) < 0;
		}

		@Override
		public int hashCode() {
			return 31 * elementType.hashCode() + size();
		}

		@Override
		public String toString() {
			return elementType + "[" + size() + "]";
		}
	}

	/** An array of strings: {@code starts} holds where the bytes of each begin, after their length. */
	record Texts(MemorySegment bytes, int[] starts) implements Array {

		@Override
		public ValueType elementType() {
			return ValueType.STRING;
		}

		@Override
		public int size() {
			return starts.length;
		}

		/** The bytes of element {@code i}. */
		public MemorySegment utf8(int i) {
			return bytes.asSlice(starts[i], length(i));
		}

		/** How many bytes element {@code i} has. */
		public int length(int i) {
			long end = i + 1 < starts.length ? starts[i + 1] - Long.BYTES : bytes.byteSize();
			return (int) (end - starts[i]);
		}

		/** Element {@code i}, decoded. */
		public String text(int i) {
			return decode(utf8(i));
		}

		@Override
		public boolean equals(Object other) {
			return other instanceof Texts texts && bytes.mismatch(texts.bytes) < 0;
		}

		@Override
		public int hashCode() {
			return size();
		}

		@Override
		public String toString() {
			return "string[" + size() + "]";
		}
	}

	/** A string. */
	static Text of(String text) {
		return new Text(MemorySegment.ofArray(text.getBytes(UTF_8)).asReadOnly());
	}

	/** A truth value. */
	static Bool of(boolean value) {
		return new Bool(value);
	}

	/** An unsigned 32-bit number, the type of most sizes and counts. */
	static Int u32(long value) {
		return new Int(ValueType.U32, value);
	}

	/** A 32-bit floating point number. */
	static Real f32(double value) {
		return new Real(ValueType.F32, value);
	}

	/** An array of strings. */
	static Texts texts(List<String> texts) {
		List<byte[]> encoded = texts.stream().map(text -> text.getBytes(UTF_8)).toList();
		int size = Math.toIntExact(encoded.stream().mapToLong(text -> Long.BYTES + text.length).sum());
		MemorySegment bytes = MemorySegment.ofArray(new byte[size]);
		int[] starts = new int[encoded.size()];
		int at = 0;
		for (int i = 0; i < starts.length; i++) {
			byte[] text = encoded.get(i);
			bytes.set(LONG, at, text.length);
			starts[i] = at + Long.BYTES;
			MemorySegment.copy(MemorySegment.ofArray(text), 0, bytes, starts[i], text.length);
			at = starts[i] + text.length;
		}
		return new Texts(bytes.asReadOnly(), starts);
	}

	/** An array of signed or unsigned 32-bit numbers. */
	static Numbers ints(ValueType elementType, int... values) {
		if (elementType != ValueType.I32 && elementType != ValueType.U32) {
			throw new IllegalArgumentException(elementType + " has not 32 bits");
		}
		MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * Integer.BYTES]);
		for (int i = 0; i < values.length; i++) {
			bytes.set(INT, (long) i * Integer.BYTES, values[i]);
		}
		return new Numbers(elementType, bytes.asReadOnly());
	}

	/** An array of 32-bit floating point numbers. */
	static Numbers floats(float... values) {
		MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * Float.BYTES]);
		for (int i = 0; i < values.length; i++) {
			bytes.set(FLOAT, (long) i * Float.BYTES, values[i]);
		}
		return new Numbers(ValueType.F32, bytes.asReadOnly());
	}

	private static String decode(MemorySegment utf8) {
		return new String(utf8.toArray(ValueLayout.JAVA_BYTE), UTF_8);
	}
}
