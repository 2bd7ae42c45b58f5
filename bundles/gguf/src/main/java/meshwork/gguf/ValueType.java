package meshwork.gguf;

import java.util.Locale;
import java.util.Optional;

/** The types of a metadata value; the ordinal is the number in the file. */
public enum ValueType {

	U8(1), I8(1), U16(2), I16(2), U32(4), I32(4), F32(4), BOOL(1), STRING(0), ARRAY(0), U64(8), I64(8), F64(8);

	private static final ValueType[] BY_ID = values();

	private final int bytes;

	ValueType(int bytes) {
		this.bytes = bytes;
	}

	static Optional<ValueType> of(int id) {
		return id >= 0 && id < BY_ID.length ? Optional.of(BY_ID[id]) : Optional.empty();
	}

	/** Bytes of one value; 0 for strings and arrays, whose length is in the file. */
	public int bytes() {
		return bytes;
	}

	boolean isInteger() {
		return this != F32 && this != F64 && this != BOOL && bytes > 0;
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}
}
