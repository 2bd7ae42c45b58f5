package meshwork.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An API key; kept and compared as its digest, so that neither memory nor timing tells it.
 *
 * @param name who brings it
 * @param digest SHA-256 of it
 */
record Key(String name, byte[] digest) {

	private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9._@-]{1,64}):\\s+(\\S+)");
	private static final Pattern HASHED = Pattern.compile("sha256:([0-9a-fA-F]{64})");

	/** Keys as they are written: {@code KEY}, {@code NAME: KEY}, {@code NAME: sha256:HEX}; comments and blanks are left out. */
	static List<Key> read(Stream<String> lines) {
		return lines.map(String::strip).filter(line -> !line.isEmpty() && !line.startsWith("#")).map(Key::read).toList();
	}

	private static Key read(String line) {
		Matcher named = NAMED.matcher(line);
		if (!named.matches()) {
			byte[] digest = digest(line);
			return new Key(HexFormat.of().formatHex(digest, 0, 6), digest);
		}
		Matcher hashed = HASHED.matcher(named.group(2));
		return new Key(named.group(1), hashed.matches() ? HexFormat.of().parseHex(hashed.group(1)) : digest(named.group(2)));
	}

	/** The one of some keys that has this digest; takes as long whichever it is. */
	static Optional<Key> find(List<Key> keys, byte[] digest) {
		Optional<Key> found = Optional.empty();
		for (Key each : keys)
			if (MessageDigest.isEqual(each.digest, digest))
				found = Optional.of(each);
		return found;
	}

	static byte[] digest(String key) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
		} catch (NoSuchAlgorithmException e) {
			throw new IllegalStateException("every Java has SHA-256", e);
		}
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof Key(String name, byte[] digest) && name.equals(this.name) && Arrays.equals(digest, this.digest);
	}

	@Override
	public int hashCode() {
		return Arrays.hashCode(digest);
	}
}
