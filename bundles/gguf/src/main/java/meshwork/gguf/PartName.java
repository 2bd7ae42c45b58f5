package meshwork.gguf;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of one file of several: {@code prefix-00002-of-00003.gguf}.
 *
 * @param number counts from 1
 */
record PartName(String prefix, int number, int count) {

	private static final Pattern PATTERN = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf");

	static Optional<PartName> of(Path file) {
		Matcher name = PATTERN.matcher(file.getFileName().toString());
		return name.matches()
				? Optional.of(new PartName(name.group(1), Integer.parseInt(name.group(2)), Integer.parseInt(name.group(3))))
				: Optional.empty();
	}

	PartName withNumber(int other) {
		return new PartName(prefix, other, count);
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", prefix, number, count);
	}
}
