package meshwork.http;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * The API keys that open the door.
 *
 * @param configured those of the configuration
 * @param own those that this machine's commands show; they are valid, but nobody needs a key because of them
 */
record Keys(List<Key> configured, List<Key> own, Optional<KeyFile> file) {

	private static final String BEARER = "Bearer ";

	/** Whether a request has to bring a key. */
	boolean needed() {
		return !configured.isEmpty() || file.map(KeyFile::counts).orElse(false);
	}

	/** The name of whoever sent these headers; empty if no valid key is among them. */
	Optional<String> caller(HttpFields headers) {
		return sent(headers).map(Key::digest).flatMap(digest -> Key.find(all(), digest)).map(Key::name);
	}

	private List<Key> all() {
		return Stream.of(configured, own, file.map(KeyFile::keys).orElse(List.of())).flatMap(List::stream).toList();
	}

	private static Optional<String> sent(HttpFields headers) {
		String authorization = headers.get(HttpHeader.AUTHORIZATION);
		if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length()))
			return Optional.of(authorization.substring(BEARER.length()).strip());
		return Optional.ofNullable(headers.get("x-api-key")).map(String::strip);
	}
}
