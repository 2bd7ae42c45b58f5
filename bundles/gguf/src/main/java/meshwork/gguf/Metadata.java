package meshwork.gguf;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What a model says about itself: keys and values, in the order of the file. */
public final class Metadata {

	private final Map<String, Value> values;

	Metadata(Map<String, Value> values) {
		this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
	}

	/** All of it. */
	public Map<String, Value> values() {
		return values;
	}

	/** The value of {@code key}, of whatever type. */
	public Optional<Value> value(String key) {
		return Optional.ofNullable(values.get(key));
	}

	/** The value of {@code key} if it is a string. */
	public Optional<String> text(String key) {
		return values.get(key) instanceof Value.Text text ? Optional.of(text.toString()) : Optional.empty();
	}

	/** The value of {@code key} if it is an integer. */
	public OptionalLong integer(String key) {
		return values.get(key) instanceof Value.Int number ? OptionalLong.of(number.value()) : OptionalLong.empty();
	}

	/** The value of {@code key} if it is a floating point number. */
	public OptionalDouble real(String key) {
		return values.get(key) instanceof Value.Real number ? OptionalDouble.of(number.value()) : OptionalDouble.empty();
	}

	/** The value of {@code key} if it is a truth value. */
	public Optional<Boolean> flag(String key) {
		return values.get(key) instanceof Value.Bool flag ? Optional.of(flag.value()) : Optional.empty();
	}

	/** The value of {@code key} if it is an array of strings. */
	public Optional<Value.Texts> texts(String key) {
		return values.get(key) instanceof Value.Texts texts ? Optional.of(texts) : Optional.empty();
	}

	/** The value of {@code key} if it is an array of numbers. */
	public Optional<Value.Numbers> numbers(String key) {
		return values.get(key) instanceof Value.Numbers numbers ? Optional.of(numbers) : Optional.empty();
	}

	@Override
	public String toString() {
		return values.toString();
	}
}
