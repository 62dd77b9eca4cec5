package io.election.store.nats;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Bucket}.
 */
class BucketTests {

	private final Bucket bucket = new Bucket("election_lease");

	@Test
	void aBucketIsAStream() {
		assertThat(this.bucket.stream()).isEqualTo("KV_election_lease");
		assertThat(this.bucket.subjects()).isEqualTo("$KV.election_lease.>");
	}

	@Test
	void lettersDigitsHyphensAndUnderscoresStayWhatTheyAre() {
		assertThat(this.bucket.subject("Job-1_b")).isEqualTo("$KV.election_lease.Job-1_b");
	}

	@Test
	void everyOtherByteIsWrittenInHexadecimal() {
		assertThat(this.bucket.subject("a/b.c=é")).isEqualTo("$KV.election_lease.a=2Fb=2Ec=3D=C3=A9");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "a/b", "a.b", "*", ">", "=", "=2F", "..", "'", "\"", " ", "名前", "😀", "$JS" })
	void aSubjectTellsItsText(String text) {
		String subject = this.bucket.subject(text);
		assertThat(subject).matches("\\$KV\\.election_lease\\.[A-Za-z0-9=_-]+");
		assertThat(this.bucket.text(subject)).isEqualTo(text);
	}

	@Test
	void theLongestNameFitsIntoALineOfTheProtocol() {
		assertThat(this.bucket.subject("€".repeat(255))).hasSizeLessThan(3000);
	}

	@Test
	void whatIsWrittenOtherwiseHasNoText() {
		for (String key : List.of("a.b", "=2f", "=61", "=", "=G0", "=C3", "a=")) {
			assertThat(this.bucket.text("$KV.election_lease." + key)).as(key).isNull();
		}
	}

}
