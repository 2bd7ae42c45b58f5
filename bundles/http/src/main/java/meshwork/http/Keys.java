package meshwork.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** The API keys that open the door; kept and compared as digests, so that neither memory nor timing tells them. */
record Keys(List<byte[]> digests) {

	private static final String BEARER = "Bearer ";

	static Keys of(List<String> keys) {
		return new Keys(keys.stream().map(Keys::digest).toList());
	}

	boolean none() {
		return digests.isEmpty();
	}

	/** A name for whoever sent these headers, that doesn't tell the key; empty if no valid key is among them. */
	Optional<String> caller(HttpFields headers) {
		return sent(headers).map(Keys::digest).filter(this::known).map(digest -> HexFormat.of().formatHex(digest, 0, 6));
	}

	private boolean known(byte[] digest) {
		boolean known = false;
		for (byte[] each : digests)
			known |= MessageDigest.isEqual(each, digest);
		return known;
	}

	private static Optional<String> sent(HttpFields headers) {
		String authorization = headers.get(HttpHeader.AUTHORIZATION);
		if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length()))
			return Optional.of(authorization.substring(BEARER.length()).strip());
		return Optional.ofNullable(headers.get("x-api-key")).map(String::strip);
	}

	private static byte[] digest(String key) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
		} catch (NoSuchAlgorithmException e) {
			throw new IllegalStateException("every Java has SHA-256", e);
		}
	}
}
