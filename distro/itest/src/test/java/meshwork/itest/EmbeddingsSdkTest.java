package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams.EncodingFormat;

/** Vectors of the starter model, as the official SDK for Java reads them; it asks for base64 unless it is told otherwise. */
@Timeout(120)
class EmbeddingsSdkTest {

	private static final String FIRST = "A mesh of nodes serves models.";
	private static final String SECOND = "Bread is baked in an oven, from flour and water.";

	@TempDir
	static Path data;
	private static Distribution.Node node;
	private static OpenAIClient client;

	@BeforeAll
	static void start() throws Exception {
		node = new Distribution.Node(data);
		client = OpenAIOkHttpClient.builder().baseUrl(node.url() + "/v1").apiKey("none").maxRetries(0).responseValidation(true).build();
	}

	@AfterAll
	static void stop() throws Exception {
		client.close();
		node.close();
	}

	private static EmbeddingCreateParams.Builder request() {
		return EmbeddingCreateParams.builder().model("starter").input(FIRST);
	}

	private static List<Float> vector(EmbeddingCreateParams.Builder request) {
		return client.embeddings().create(request.build()).data().getFirst().embedding();
	}

	/** Of vectors of the length 1. */
	private static double cosine(List<Float> one, List<Float> other) {
		assertEquals(one.size(), other.size());
		return IntStream.range(0, one.size()).mapToDouble(i -> (double) one.get(i) * other.get(i)).sum();
	}

	@Test
	void base64AndNumbersAreTheSameVectorOfLengthOne() {
		List<Float> numbers = vector(request().encodingFormat(EncodingFormat.FLOAT));

		assertEquals(numbers, vector(request()));
		assertEquals(1, cosine(numbers, numbers), 1e-5);
	}

	@Test
	void textsOfABatchHaveTheVectorsThatTheyHaveAlone() {
		CreateEmbeddingResponse both = client.embeddings().create(request().inputOfArrayOfStrings(List.of(FIRST, SECOND)).build());

		assertEquals(2, both.data().size());
		assertEquals(1, cosine(both.data().get(0).embedding(), vector(request())), 1e-4);
		assertEquals(1, cosine(both.data().get(1).embedding(), vector(request().input(SECOND))), 1e-4);
		assertTrue(cosine(both.data().get(0).embedding(), both.data().get(1).embedding()) < 0.999);
		assertEquals(both.usage().promptTokens(), client.embeddings().create(request().build()).usage().promptTokens()
				+ client.embeddings().create(request().input(SECOND).build()).usage().promptTokens());
	}

	@Test
	void fewerDimensionsPointTheSameWay() {
		List<Float> whole = vector(request());
		List<Float> few = vector(request().dimensions(16));

		assertEquals(16, few.size());
		assertEquals(1, cosine(few, few), 1e-5);
		assertEquals(whole.get(1) / whole.get(0), few.get(1) / few.get(0), 1e-3);
		var tooMany = assertThrows(BadRequestException.class, () -> vector(request().dimensions(whole.size() + 1)));
		assertEquals(Optional.of("dimensions"), tooMany.param());
	}

	@Test
	void tooLongATextIsRefused() {
		var refused = assertThrows(BadRequestException.class, () -> vector(request().input("word ".repeat(20_000))));

		assertEquals(Optional.of("context_length_exceeded"), refused.code());
		assertEquals(Optional.of("input"), refused.param());
	}
}
