/* The small picture: decoded at the smallest scale libjpeg-turbo offers that is large enough,
 * averaged down to its size, turned upright, and written with less and less quality until it fits.
 *
 * libjpeg ends on an error by a long jump to where the work was begun; everything that must be
 * freed then lives in one struct that outlives the jump. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "client-lib/photo.h"
#include "proto/err.h"
#include "proto/limits.h"

#define COEFFICIENTS_BYTES_MAX (96u << 20) /* a progressive photo is held whole by its decoder */
#define SCANS_MAX 200 /* a photo has ten; each costs as much as all of its pixels */
#define QUALITY_FIRST 75
#define QUALITY_STEP 15
#define QUALITY_LEAST 15

/* 3 bytes a pixel. */
struct picture {
	uint8_t *pixels;
	uint32_t width, height;
};

struct small {
	struct jpeg_error_mgr errors; /* first: libjpeg gives it back */
	struct jpeg_progress_mgr progress;
	jmp_buf failed;
	int err;
	struct jpeg_decompress_struct reader;
	struct jpeg_compress_struct writer;
	struct picture large, upright;
	unsigned char *written;
	unsigned long written_len;
};

static void on_error(j_common_ptr info)
{
	struct small *small = (struct small *)(void *)info->err;

	small->err = info->err->msg_code == JERR_OUT_OF_MEMORY ? BH_ERR_NOMEM : BH_ERR_MALFORMED;
	longjmp(small->failed, 1);
}

static void on_message(j_common_ptr info, int level)
{
	(void)info; /* libraries do not log; what can be shown is shown */
	(void)level;
}

static void on_progress(j_common_ptr info)
{
	const struct jpeg_decompress_struct *reader = (struct jpeg_decompress_struct *)info;

	if (reader->input_scan_number > SCANS_MAX)
		ERREXIT(info, JERR_BAD_PROGRESSION);
}

static void on_output(j_common_ptr info)
{
	(void)info;
}

/* ---- Down to size ---- */

/* The longer side becomes side pixels at most; never larger than it was. */
static struct picture size_of(uint32_t width, uint32_t height, uint32_t side)
{
	uint32_t longer = width > height ? width : height;
	struct picture out = {.width = width, .height = height};

	if (longer > side) {
		out.width = (uint32_t)(((uint64_t)width * side + longer / 2) / longer);
		out.height = (uint32_t)(((uint64_t)height * side + longer / 2) / longer);
	}
	out.width = out.width ? out.width : 1;
	out.height = out.height ? out.height : 1;
	return out;
}

/* The mean of the pixels of large that lie under (x, y) of a picture of this size. */
static void mean_of(const struct picture *large, const struct picture *size, uint32_t x, uint32_t y,
	uint8_t out[3])
{
	uint32_t left = x * large->width / size->width, top = y * large->height / size->height;
	uint32_t right = (x + 1) * large->width / size->width;
	uint32_t bottom = (y + 1) * large->height / size->height;
	uint32_t sum[3] = {0, 0, 0}, count = 0;

	right = right > left ? right : left + 1;
	bottom = bottom > top ? bottom : top + 1;
	for (uint32_t row = top; row < bottom; row++) {
		const uint8_t *at = large->pixels + ((size_t)row * large->width + left) * 3;
		for (uint32_t column = left; column < right; column++, at += 3, count++) {
			for (int c = 0; c < 3; c++)
				sum[c] += at[c];
		}
	}
	for (int c = 0; c < 3; c++)
		out[c] = (uint8_t)((sum[c] + count / 2) / count);
}

/* Where (x, y) of the picture as it lies comes to stand upright; EXIF 4.6.4, orientation:
 *
 *   1 as it is        2 mirrored         3 by half a turn   4 mirrored, half a turn
 *   5 over its        6 a quarter turn   7 over its other   8 a quarter turn
 *     diagonal          to the right       diagonal           to the left */
static size_t upright_at(
	const struct picture *lies, uint32_t orientation, uint32_t x, uint32_t y, uint32_t width)
{
	uint32_t right = lies->width - 1 - x, bottom = lies->height - 1 - y;
	uint32_t columns[] = {x, right, right, x, y, bottom, bottom, y};
	uint32_t rows[] = {y, y, bottom, bottom, x, x, right, right};

	return (size_t)rows[orientation - 1] * width + columns[orientation - 1];
}

static int upright_make(struct small *small, uint32_t orientation)
{
	struct picture lies = size_of(
		small->large.width, small->large.height, BH_THUMBNAIL_SIDE_MAX);
	bool turned = orientation >= 5;

	small->upright.width = turned ? lies.height : lies.width;
	small->upright.height = turned ? lies.width : lies.height;
	small->upright.pixels = malloc((size_t)lies.width * lies.height * 3);
	if (small->upright.pixels == NULL)
		return BH_ERR_NOMEM;
	for (uint32_t y = 0; y < lies.height; y++) {
		for (uint32_t x = 0; x < lies.width; x++)
			mean_of(&small->large, &lies, x, y,
				small->upright.pixels + 3 * upright_at(&lies, orientation, x, y,
								    small->upright.width));
	}
	return 0;
}

/* ---- Reading and writing; an error jumps to whoever called them ---- */

static void large_read(struct small *small, struct bh_span jpeg)
{
	struct jpeg_decompress_struct *reader = &small->reader;

	jpeg_mem_src(reader, jpeg.data, jpeg.len);
	(void)jpeg_read_header(reader, TRUE);
	reader->out_color_space = JCS_RGB;
	reader->dct_method = JDCT_IFAST;
	reader->do_fancy_upsampling = FALSE;
	reader->scale_denom = 8;
	for (reader->scale_num = 1; reader->scale_num < 8; reader->scale_num++) {
		jpeg_calc_output_dimensions(reader);
		if (reader->output_width >= BH_THUMBNAIL_SIDE_MAX ||
			reader->output_height >= BH_THUMBNAIL_SIDE_MAX)
			break;
	}
	(void)jpeg_start_decompress(reader);
	small->large.width = reader->output_width;
	small->large.height = reader->output_height;
	size_t row_bytes = (size_t)reader->output_width * 3;
	small->large.pixels = calloc(reader->output_height, row_bytes);
	if (small->large.pixels == NULL || reader->output_components != 3) {
		small->err = small->large.pixels ? BH_ERR_MALFORMED : BH_ERR_NOMEM;
		longjmp(small->failed, 1);
	}
	while (reader->output_scanline < reader->output_height) {
		JSAMPROW row = small->large.pixels + row_bytes * reader->output_scanline;
		(void)jpeg_read_scanlines(reader, &row, 1);
	}
}

static void upright_write(struct small *small, int quality)
{
	struct jpeg_compress_struct *writer = &small->writer;
	size_t row_bytes = (size_t)small->upright.width * 3;

	free(small->written);
	small->written = NULL;
	small->written_len = 0;
	jpeg_mem_dest(writer, &small->written, &small->written_len);
	writer->image_width = small->upright.width;
	writer->image_height = small->upright.height;
	writer->input_components = 3;
	writer->in_color_space = JCS_RGB;
	jpeg_set_defaults(writer);
	jpeg_set_quality(writer, quality, TRUE);
	writer->optimize_coding = TRUE;
	jpeg_start_compress(writer, TRUE);
	while (writer->next_scanline < writer->image_height) {
		JSAMPROW row = small->upright.pixels + row_bytes * writer->next_scanline;
		(void)jpeg_write_scanlines(writer, &row, 1);
	}
	jpeg_finish_compress(writer);
}

static int small_make(struct small *small, struct bh_span jpeg, uint32_t orientation)
{
	if (setjmp(small->failed) != 0)
		return small->err;
	jpeg_create_decompress(&small->reader);
	jpeg_create_compress(&small->writer);
	small->progress.progress_monitor = on_progress;
	small->reader.progress = &small->progress;
	large_read(small, jpeg);
	small->err = upright_make(small, orientation);
	for (int quality = QUALITY_FIRST; small->err == 0 && quality >= QUALITY_LEAST;
		quality -= QUALITY_STEP) {
		upright_write(small, quality);
		if (small->written_len <= BH_THUMBNAIL_BYTES_MAX)
			return 0;
	}
	return small->err == 0 ? BH_ERR_LIMIT : small->err;
}

int bh_photo_small(struct bh_span jpeg, const struct bh_photo_head *head, struct bh_buf *out)
{
	uint64_t held = head->progressive ? (uint64_t)head->width * head->height * 6 : 0;

	if (held > COEFFICIENTS_BYTES_MAX)
		return BH_ERR_LIMIT;
	struct small *small = calloc(1, sizeof(*small));
	if (small == NULL)
		return BH_ERR_NOMEM;
	(void)jpeg_std_error(&small->errors);
	small->errors.error_exit = on_error;
	small->errors.emit_message = on_message;
	small->errors.output_message = on_output;
	small->reader.err = &small->errors;
	small->writer.err = &small->errors;
	int err = small_make(small, jpeg, head->orientation);
	if (err == 0)
		err = bh_buf_append(out, small->written, small->written_len);
	jpeg_destroy_compress(&small->writer);
	jpeg_destroy_decompress(&small->reader);
	free(small->written);
	free(small->large.pixels);
	free(small->upright.pixels);
	free(small);
	return err;
}
