// Signs that no keyboard has: those of the International Phonetic Alphabet (chart of 2020) and of tones. No DOM.

/** @typedef {"vowels"|"consonants"|"diacritics"|"tones"|"more"} Group */
/** @typedef {{sign: string, group: Group, en: string, "zh-CN": string}} Sign */

/** @type {Record<Group, string>} */
const TABLE = {
  vowels: `
    i ; close front unrounded ; 前高不圆唇
    y ; close front rounded ; 前高圆唇
    ɨ ; close central unrounded ; 央高不圆唇
    ʉ ; close central rounded ; 央高圆唇
    ɯ ; close back unrounded ; 后高不圆唇
    u ; close back rounded ; 后高圆唇
    ɪ ; near-close front unrounded ; 前次高不圆唇
    ʏ ; near-close front rounded ; 前次高圆唇
    ʊ ; near-close back rounded ; 后次高圆唇
    e ; close-mid front unrounded ; 前半高不圆唇
    ø ; close-mid front rounded ; 前半高圆唇
    ɘ ; close-mid central unrounded ; 央半高不圆唇
    ɵ ; close-mid central rounded ; 央半高圆唇
    ɤ ; close-mid back unrounded ; 后半高不圆唇
    o ; close-mid back rounded ; 后半高圆唇
    ə ; schwa, mid central ; 央元音
    ɛ ; open-mid front unrounded ; 前半低不圆唇
    œ ; open-mid front rounded ; 前半低圆唇
    ɜ ; open-mid central unrounded ; 央半低不圆唇
    ɞ ; open-mid central rounded ; 央半低圆唇
    ʌ ; open-mid back unrounded ; 后半低不圆唇
    ɔ ; open-mid back rounded ; 后半低圆唇
    æ ; near-open front ; 前次低
    ɐ ; near-open central ; 央次低
    a ; open front unrounded ; 前低不圆唇
    ɶ ; open front rounded ; 前低圆唇
    ɑ ; open back unrounded ; 后低不圆唇
    ɒ ; open back rounded ; 后低圆唇
    ɚ ; schwa with r-colour ; 卷舌央元音
    ɝ ; open-mid central with r-colour ; 卷舌央半低元音
    ɿ ; apical dental vowel ; 舌尖前元音
    ʅ ; apical retroflex vowel ; 舌尖后元音
  `,
  consonants: `
    ʈ ; voiceless retroflex plosive ; 清卷舌塞音
    ɖ ; voiced retroflex plosive ; 浊卷舌塞音
    c ; voiceless palatal plosive ; 清硬腭塞音
    ɟ ; voiced palatal plosive ; 浊硬腭塞音
    ɡ ; voiced velar plosive ; 浊软腭塞音
    q ; voiceless uvular plosive ; 清小舌塞音
    ɢ ; voiced uvular plosive ; 浊小舌塞音
    ʔ ; glottal stop ; 喉塞音
    ɱ ; labiodental nasal ; 唇齿鼻音
    ɳ ; retroflex nasal ; 卷舌鼻音
    ɲ ; palatal nasal ; 硬腭鼻音
    ŋ ; velar nasal ; 软腭鼻音
    ɴ ; uvular nasal ; 小舌鼻音
    ʙ ; bilabial trill ; 双唇颤音
    r ; alveolar trill ; 齿龈颤音
    ʀ ; uvular trill ; 小舌颤音
    ⱱ ; labiodental flap ; 唇齿闪音
    ɾ ; alveolar tap ; 齿龈闪音
    ɽ ; retroflex flap ; 卷舌闪音
    ɸ ; voiceless bilabial fricative ; 清双唇擦音
    β ; voiced bilabial fricative ; 浊双唇擦音
    θ ; voiceless dental fricative ; 清齿擦音
    ð ; voiced dental fricative ; 浊齿擦音
    ʃ ; voiceless postalveolar fricative ; 清龈后擦音
    ʒ ; voiced postalveolar fricative ; 浊龈后擦音
    ʂ ; voiceless retroflex fricative ; 清卷舌擦音
    ʐ ; voiced retroflex fricative ; 浊卷舌擦音
    ɕ ; voiceless alveolo-palatal fricative ; 清龈腭擦音
    ʑ ; voiced alveolo-palatal fricative ; 浊龈腭擦音
    ç ; voiceless palatal fricative ; 清硬腭擦音
    ʝ ; voiced palatal fricative ; 浊硬腭擦音
    ɣ ; voiced velar fricative ; 浊软腭擦音
    χ ; voiceless uvular fricative ; 清小舌擦音
    ʁ ; voiced uvular fricative ; 浊小舌擦音
    ħ ; voiceless pharyngeal fricative ; 清咽擦音
    ʕ ; voiced pharyngeal fricative ; 浊咽擦音
    ɦ ; voiced glottal fricative ; 浊喉擦音
    ɧ ; voiceless postalveolar-velar fricative ; 清龈后软腭擦音
    ɬ ; voiceless lateral fricative ; 清边擦音
    ɮ ; voiced lateral fricative ; 浊边擦音
    ʋ ; labiodental approximant ; 唇齿近音
    ɹ ; alveolar approximant ; 齿龈近音
    ɻ ; retroflex approximant ; 卷舌近音
    ɰ ; velar approximant ; 软腭近音
    ʍ ; voiceless labial-velar fricative ; 清唇软腭擦音
    ɥ ; labial-palatal approximant ; 唇硬腭近音
    ɭ ; retroflex lateral ; 卷舌边音
    ʎ ; palatal lateral ; 硬腭边音
    ʟ ; velar lateral ; 软腭边音
    ɫ ; velarised lateral ; 软腭化边音
    ȶ ; voiceless alveolo-palatal plosive ; 清龈腭塞音
    ȡ ; voiced alveolo-palatal plosive ; 浊龈腭塞音
    ȵ ; alveolo-palatal nasal ; 龈腭鼻音
    ɓ ; bilabial implosive ; 双唇内爆音
    ɗ ; alveolar implosive ; 齿龈内爆音
    ʄ ; palatal implosive ; 硬腭内爆音
    ɠ ; velar implosive ; 软腭内爆音
    ʛ ; uvular implosive ; 小舌内爆音
    ʘ ; bilabial click ; 双唇搭嘴音
    ǀ ; dental click ; 齿搭嘴音
    ǃ ; alveolar click ; 齿龈搭嘴音
    ǂ ; palatal click ; 硬腭搭嘴音
    ǁ ; lateral click ; 边搭嘴音
    ʜ ; voiceless epiglottal fricative ; 清会厌擦音
    ʢ ; voiced epiglottal fricative ; 浊会厌擦音
    ʡ ; epiglottal plosive ; 会厌塞音
  `,
  diacritics: `
    ʰ ; aspirated ; 送气
    ʱ ; breathy aspirated ; 浊送气
    ʷ ; labialised ; 唇化
    ʲ ; palatalised ; 硬腭化
    ˠ ; velarised ; 软腭化
    ˤ ; pharyngealised ; 咽化
    ⁿ ; nasal release ; 鼻除阻
    ˡ ; lateral release ; 边除阻
    ʼ ; ejective ; 挤喉
    ˞ ; r-colour ; 卷舌
    \u0303 ; nasalised ; 鼻化
    \u0325 ; voiceless, below ; 清化（下）
    \u030a ; voiceless, above ; 清化（上）
    \u032c ; voiced ; 浊化
    \u0324 ; breathy voice ; 气声
    \u0330 ; creaky voice ; 嘎裂声
    \u0329 ; syllabic ; 成音节
    \u032f ; non-syllabic ; 不成音节
    \u031a ; no audible release ; 无听觉除阻
    \u032a ; dental ; 齿化
    \u033a ; apical ; 舌尖化
    \u033b ; laminal ; 舌叶化
    \u033c ; linguolabial ; 舌唇化
    \u0339 ; more rounded ; 更圆唇
    \u031c ; less rounded ; 更不圆唇
    \u031f ; advanced ; 偏前
    \u0320 ; retracted ; 偏后
    \u0308 ; centralised ; 央化
    \u033d ; mid-centralised ; 中央化
    \u031d ; raised ; 偏高
    \u031e ; lowered ; 偏低
    \u0318 ; advanced tongue root ; 舌根前移
    \u0319 ; retracted tongue root ; 舌根后移
    \u0334 ; velarised or pharyngealised ; 软腭化或咽化
    \u0361 ; tie above ; 连音（上）
    \u035c ; tie below ; 连音（下）
  `,
  tones: `
    ˥ ; extra high, 5 ; 五度
    ˦ ; high, 4 ; 四度
    ˧ ; mid, 3 ; 三度
    ˨ ; low, 2 ; 二度
    ˩ ; extra low, 1 ; 一度
    \u030b ; extra high accent ; 特高调符
    \u0301 ; high accent ; 高调符
    \u0304 ; mid accent ; 中调符
    \u0300 ; low accent ; 低调符
    \u030f ; extra low accent ; 特低调符
    \u030c ; rising accent ; 升调符
    \u0302 ; falling accent ; 降调符
    ꜛ ; upstep ; 音高上移
    ꜜ ; downstep ; 音高下移
    ↗ ; global rise ; 整体上升
    ↘ ; global fall ; 整体下降
    ¹ ; superscript 1 ; 上标 1
    ² ; superscript 2 ; 上标 2
    ³ ; superscript 3 ; 上标 3
    ⁴ ; superscript 4 ; 上标 4
    ⁵ ; superscript 5 ; 上标 5
  `,
  more: `
    ˈ ; primary stress ; 主重音
    ˌ ; secondary stress ; 次重音
    ː ; long ; 长音
    ˑ ; half-long ; 半长音
    \u0306 ; extra-short ; 特短音
    . ; syllable break ; 音节分界
    | ; minor group ; 小停顿群
    ‖ ; major group ; 大停顿群
    ‿ ; linking ; 连读
    … ; pause, unfinished ; 停顿、未完
  `,
};

/** @type {readonly Sign[]} */
export const SIGNS = /** @type {Group[]} */ (Object.keys(TABLE)).flatMap((group) =>
  TABLE[group].split("\n").flatMap((line) => {
    const [sign, en, zh] = line.split(" ; ").map((part) => part.trim());
    return sign && en && zh ? [{ sign, group, en, "zh-CN": zh }] : [];
  }),
);

/**
 * Signs that fit what is looked for, those used last first.
 * @param {string} query a sign, or words of its name in either language
 * @param {readonly string[]} recent
 * @returns {Sign[]}
 */
export function findSigns(query, recent) {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = SIGNS.filter(({ sign, en, "zh-CN": zh }) =>
    words.every((word) => sign === word || zh.includes(word) || holdsWord(en, word)),
  );
  const rank = (/** @type {Sign} */ { sign }) => (recent.includes(sign) ? recent.indexOf(sign) : recent.length);
  return fits.map((sign, i) => ({ sign, i })).sort((a, b) => rank(a.sign) - rank(b.sign) || a.i - b.i).map(({ sign }) => sign);
}

/** Whether a word of a name begins so: "round" is none of "unrounded". @param {string} name @param {string} word */
function holdsWord(name, word) {
  const wanted = spaced(word);
  return wanted !== " " && spaced(name).includes(wanted);
}

/** @param {string} text */
const spaced = (text) => ` ${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim()}`;

/** As it is shown: what combines needs something to combine with. @param {string} sign */
export const shownSign = (sign) => (/^\p{M}/u.test(sign) ? `◌${sign}` : sign);
