package meshwork.openai;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

import meshwork.api.inference.Texts;
import tools.jackson.databind.JsonNode;

/** Reads texts and tokens as llama-server has them: a text, tokens, or both mixed in an array. */
final class NativePrompts {

	private NativePrompts() {
	}

	/**
	 * Several prompts, each a text, tokens, or both; names of control tokens in texts are those tokens.
	 *
	 * @return {@code [n_prompts][n_tokens]}
	 */
	static List<int[]> read(Fields fields, String model, Texts texts) {
		if (fields.required("prompt").isObject())
			throw fields.unsupported("prompt", "has to be a text or tokens: pictures and sounds are not understood");
		JsonNode prompt = fields.required("prompt");
		boolean one = !prompt.isArray() || prompt.values().stream().anyMatch(JsonNode::isNumber);
		List<JsonNode> prompts = one ? List.of(prompt) : List.copyOf(prompt.values());
		if (prompts.isEmpty())
			throw fields.wrong("prompt", "has to have an element at least");
		return prompts.stream().map(each -> tokens(fields, "prompt", each, model, texts, true, true)).toList();
	}

	/**
	 * The tokens of a text, of tokens, or of both.
	 *
	 * @param special read the names of control tokens as those tokens
	 * @param begin put in front what the model expects at the start, if it starts with a text
	 */
	static int[] tokens(Fields fields, String member, JsonNode node, String model, Texts texts, boolean special, boolean begin) {
		if (node.isString())
			return texts.tokenize(model, node.stringValue(), special, begin);
		if (!node.isArray())
			throw fields.wrong(member, "has to be a string, or an array of strings and tokens");
		var tokens = IntStream.builder();
		boolean first = begin;
		for (JsonNode part : node.values()) {
			IntStream.of(part.isString() ? texts.tokenize(model, part.stringValue(), special, first) : new int[] { token(fields, member, part) })
					.forEach(tokens);
			first = false;
		}
		return tokens.build().toArray();
	}

	/** The text of tokens, with the names of control tokens. */
	static String text(int[] tokens, String model, Texts texts) {
		var bytes = new ByteArrayOutputStream();
		for (int token : tokens)
			bytes.writeBytes(texts.bytes(model, token, true));
		return bytes.toString(StandardCharsets.UTF_8);
	}

	static int token(Fields fields, String member, JsonNode node) {
		if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0)
			throw fields.wrong(member, "has %s among its tokens".formatted(node));
		return node.intValue();
	}
}
