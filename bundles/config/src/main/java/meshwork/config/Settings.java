package meshwork.config;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Configurations by PID, gathered from several places; what is put in later overrides key by key what is there. Values are
 * those that Configuration Admin takes: strings, booleans, longs, doubles, and arrays of strings. Public for the command line,
 * which has it on its class path and has to know the outcome before it starts a node.
 */
public final class Settings {

	private static final JsonMapper JSON = JsonMapper.builder()
			.enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA)
			.build();

	private final Map<String, Map<String, Object>> byPid = new TreeMap<>();

	/** Every {@code PID.json} of a folder, in the order of their names; a folder that is not there holds none. */
	public void folder(Path folder) throws IOException {
		if (!Files.isDirectory(folder))
			return;
		var files = new TreeSet<Path>();
		try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.json")) {
			found.forEach(files::add);
		}
		for (Path file : files) {
			String name = file.getFileName().toString();
			configuration(name.substring(0, name.length() - ".json".length()), parse(Files.readString(file), file.toString()), file.toString());
		}
	}

	/** {@code {"PID": {"key": value, …}, …}}, as the command line hands it over. */
	public void document(String json, String origin) {
		JsonNode root = parse(json, origin);
		if (!root.isObject())
			throw new IllegalArgumentException(origin + " is not a JSON object of configurations");
		root.properties().forEach(entry -> configuration(entry.getKey(), entry.getValue(), origin));
	}

	/** {@code MESHWORK_HTTP_API_KEYS} is the key {@code apiKeys} of {@code meshwork.http}; a value in brackets is a JSON array. {@code MESHWORK_JAVA_…} is the launcher's. */
	public void environment(Map<String, String> environment) {
		new TreeMap<>(environment).forEach((name, value) -> {
			String[] words = name.split("_");
			if (words.length < 3 || !words[0].equals("MESHWORK") || words[1].equals("JAVA") || Arrays.asList(words).contains(""))
				return;
			var key = new StringBuilder(words[2].toLowerCase(Locale.ROOT));
			for (int i = 3; i < words.length; i++)
				key.append(words[i].charAt(0)).append(words[i].substring(1).toLowerCase(Locale.ROOT));
			put("meshwork." + words[1].toLowerCase(Locale.ROOT), key.toString(),
					value.startsWith("[") ? value(parse(value, name), name) : value);
		});
	}

	/** The configurations, each ready for Configuration Admin. */
	public Map<String, Dictionary<String, Object>> configurations() {
		var all = new TreeMap<String, Dictionary<String, Object>>();
		byPid.forEach((pid, values) -> all.put(pid, new Hashtable<>(values)));
		return all;
	}

	private void configuration(String pid, JsonNode values, String origin) {
		if (!values.isObject())
			throw new IllegalArgumentException("%s: the configuration of %s is not a JSON object".formatted(origin, pid));
		byPid.computeIfAbsent(pid, _ -> new TreeMap<>());
		values.properties().forEach(entry -> put(pid, entry.getKey(), value(entry.getValue(), origin + ": " + entry.getKey())));
	}

	private void put(String pid, String key, Object value) {
		byPid.computeIfAbsent(pid, _ -> new TreeMap<>()).put(key, value);
	}

	private static JsonNode parse(String json, String origin) {
		try {
			return JSON.readTree(json);
		} catch (JacksonException e) {
			// what follows in parentheses is of interest to the parser's authors
			throw new IllegalArgumentException("%s is not JSON at line %d, column %d: %s".formatted(origin, e.getLocation().getLineNr(),
					e.getLocation().getColumnNr(), e.getOriginalMessage().replaceFirst(" \\((start marker|for ).*", "")), e);
		}
	}

	private static Object value(JsonNode node, String origin) {
		return switch (node.getNodeType()) {
			case STRING -> node.stringValue();
			case BOOLEAN -> node.booleanValue();
			case NUMBER -> node.isIntegralNumber() ? (Object) node.longValue() : (Object) node.doubleValue();
			case ARRAY -> strings(node, origin);
			default -> throw new IllegalArgumentException(origin + " is neither text, a number, true, false nor an array of them");
		};
	}

	private static String[] strings(JsonNode array, String origin) {
		List<String> values = new ArrayList<>();
		for (JsonNode element : array) {
			if (element.isContainer() || element.isNull())
				throw new IllegalArgumentException(origin + " holds something that is neither text, a number, true nor false");
			values.add(element.asString());
		}
		return values.toArray(String[]::new);
	}
}
