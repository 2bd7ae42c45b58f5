package meshwork.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of API keys, as the node reads it: those made here are kept as hashes, so that the file tells nobody a key. */
record ApiKeys(Path file) {

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@-]{1,64}");
	private static final Pattern NAMED = Pattern.compile("(" + NAME + "):\\s+\\S+");
	private static final String HEAD = "# API keys of this node; meshwork key new, list, revoke. While this file is there, a key is needed.";

	/** A new key, which nobody guesses. */
	static String make() {
		var random = new byte[24];
		new SecureRandom().nextBytes(random);
		return "mw-" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
	}

	/** What the file says of a key. */
	static String line(String name, String key) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
			return name + ": sha256:" + HexFormat.of().formatHex(digest);
		} catch (NoSuchAlgorithmException e) {
			throw new IllegalStateException("every Java has SHA-256", e);
		}
	}

	/** Makes a key and adds it; only who is told now knows it. */
	String add(String name) throws IOException {
		if (!NAME.matcher(name).matches())
			throw new Refusal(ExitCode.USAGE, "'%s' is no name of a key: it has letters, digits and ._@- only".formatted(name));
		if (names().contains(name))
			throw new Refusal(ExitCode.REFUSED, "there is a key '%s' already; revoke it first, or choose another name".formatted(name));
		List<String> lines = new ArrayList<>(lines().orElse(List.of(HEAD)));
		String key = make();
		lines.add(line(name, key));
		write(lines);
		return key;
	}

	/** Whose keys there are; those without a name are left out. */
	List<String> names() throws IOException {
		return lines().orElse(List.of()).stream().map(NAMED::matcher).filter(Matcher::matches).map(match -> match.group(1)).toList();
	}

	void remove(String name) throws IOException {
		if (!names().contains(name))
			throw new Refusal(ExitCode.REFUSED, "there is no key '%s' in %s".formatted(name, file));
		write(lines().orElseThrow().stream().filter(line -> !line.startsWith(name + ":")).toList());
	}

	private Optional<List<String>> lines() throws IOException {
		return Files.exists(file) ? Optional.of(Files.readAllLines(file).stream().map(String::strip).toList()) : Optional.empty();
	}

	/** Whole or not at all, so that the node never reads half a file. */
	private void write(List<String> lines) throws IOException {
		DataFolder.makeFolder(file.toAbsolutePath().getParent());
		Path whole = Files.createTempFile(file.toAbsolutePath().getParent(), "keys", "", PosixFilePermissions.asFileAttribute(DataFolder.OWNER_FILE));
		Files.write(whole, lines);
		Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}
}
