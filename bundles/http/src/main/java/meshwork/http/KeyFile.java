package meshwork.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A file of keys, looked at for each request, so that a key counts from the moment it is written to that in which it is removed. Once
 * it was there, a key is needed: a file that is empty, unreadable or gone lets nobody in.
 */
final class KeyFile {

	/** @param settled whether it is that of the file as long as that has this stamp */
	private record Content(Optional<Stamp> stamp, boolean settled, List<Key> keys) {

		static final Content NONE = new Content(Optional.empty(), true, List.of());
	}

	private final Path path;
	private volatile Content content;
	private volatile boolean seen;

	/** @param named whether it was asked for, so that it must be there */
	KeyFile(Path path, boolean named) {
		this.path = path;
		content = Content.NONE;
		seen = named;
		if (named)
			try {
				content = read(Stamp.of(path));
			} catch (UncheckedIOException e) {
				throw new IllegalArgumentException("apiKeyFile of meshwork.http can't be read: " + path, e);
			}
		else
			keys();
	}

	/** Whether a request has to bring a key because of this file. */
	boolean counts() {
		if (!seen)
			keys();
		return seen;
	}

	List<Key> keys() {
		Optional<Stamp> stamp = Stamp.of(path);
		Content known = content;
		if (known.settled && stamp.equals(known.stamp))
			return known.keys;
		try {
			seen |= stamp.isPresent();
			known = stamp.isPresent() ? read(stamp) : Content.NONE;
		} catch (UncheckedIOException e) {
			known = new Content(stamp, true, List.of());
		}
		content = known;
		return known.keys;
	}

	private Content read(Optional<Stamp> stamp) {
		boolean settled = stamp.map(Stamp::settled).orElse(false);
		try (var lines = Files.lines(path)) {
			return new Content(stamp, settled, Key.read(lines));
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}
}
