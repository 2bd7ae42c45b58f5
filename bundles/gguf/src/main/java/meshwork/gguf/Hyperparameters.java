package meshwork.gguf;

import static meshwork.gguf.ModelRejected.count;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The numbers of a model, under keys that begin with its architecture. Each has the one type that llama.cpp reads it
 * with.
 */
final class Hyperparameters {

	private final Metadata metadata;
	private final String prefix;
	private final Path file;

	Hyperparameters(Gguf model, Architecture architecture) {
		metadata = model.metadata();
		prefix = architecture.name() + ".";
		file = model.file();
	}

	/** The whole key. */
	String key(String name) {
		return prefix + name;
	}

	boolean has(String name) {
		return metadata.value(key(name)).isPresent();
	}

	OptionalLong u32(String name) {
		Optional<Value> value = metadata.value(key(name));
		return value.isPresent() ? OptionalLong.of(u32(name, value.get())) : OptionalLong.empty();
	}

	long u32(String name, long otherwise) {
		return u32(name).orElse(otherwise);
	}

	private long u32(String name, Value value) {
		if (value instanceof Value.Int(ValueType type, long number) && type == ValueType.U32) {
			return number;
		}
		throw rejected(name, "is of type " + describe(value) + ", not u32");
	}

	/** A number that has to be there, within limits. */
	long u32(String name, long least, long most) {
		long value = u32(name).orElseThrow(() -> new ModelRejected("the metadata key " + key(name)
				+ " is missing: convert the model anew", file));
		return within(name, value, least, most);
	}

	long within(String name, long value, long least, long most) {
		if (value < least || value > most) {
			throw rejected(name, "is " + count(value) + ", not between " + count(least) + " and " + count(most));
		}
		return value;
	}

	/** A number for each layer, from an array of them or from one for all. */
	Optional<long[]> layers(String name, int layers) {
		return metadata.value(key(name)).map(value -> {
			long[] numbers = new long[layers];
			if (!(value instanceof Value.Array)) {
				Arrays.fill(numbers, u32(name, value));
				return numbers;
			}
			if (!(value instanceof Value.Numbers array)
					|| array.elementType() != ValueType.U32 && array.elementType() != ValueType.I32) {
				throw rejected(name, "is of type " + describe(value) + ", not u32 or i32 for each layer");
			}
			if (array.size() != layers) {
				throw rejected(name, "has " + array.size() + " elements for " + layers + " layers");
			}
			Arrays.setAll(numbers, i -> array.integer(i) & 0xFFFF_FFFFL);
			return numbers;
		});
	}

	ModelRejected rejected(String name, String reason) {
		return new ModelRejected(key(name) + " " + reason, file);
	}

	private static String describe(Value value) {
		return value instanceof Value.Array array ? array.elementType() + "[]" : value.type().toString();
	}
}
