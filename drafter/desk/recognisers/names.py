"""Names of persons: those the facts give, and those the writer introduces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from drafter.desk.recognisers import Hit

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# The commonest surnames (Ministry of Public Security, national name report 2020), in two heaps: those that are
# rarely any other word, and those that often are and need a stronger introduction.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙朱胡郭何林罗郑梁宋唐冯韩邓曹彭曾萧肖田董潘袁蔡蒋余杜叶程苏魏吕丁沈卢姜崔钟谭陆汪范"
    "石廖贾夏韦付邹孟熊秦邱江尹薛闫阎段雷侯龙陶黎郝龚邵谢许马傅孔赖覃武莫戴毛洪倪严樊兰殷施翟颜葛伍乔俞聂"
)
_WORDLIKE_SURNAMES = "高于任方姚史顾万白钱康常金文易牛温单安向季齐祝左岳柳凌霍关尚成柏欧游甘裴邢路房项时应车包"
_COMPOUND_SURNAMES = "欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|端木|夏侯"
_TITLE = (
    "(?:先生|女士|小姐|太太|师傅|老师|经理|主任|律师|医生|大哥|大姐|阿姨|叔叔|同志|老板"
    "|总(?![是共额计之的会得能要有算体结部监]))"
)
_ANY_SURNAME = f"(?:{_COMPOUND_SURNAMES}|[{_SURNAMES}{_WORDLIKE_SURNAMES}])"
_FIRM_SURNAME = f"(?:{_COMPOUND_SURNAMES}|[{_SURNAMES}])"
# A name ends where punctuation stands, or a word that cannot belong to it.
_END = (
    r"(?=[\s，。！？；：、,.!?;:()（）\"”」\d]|$|来电|打来|致电|电话|手机"
    r"|[也都在住的和是说已没不有会要因把被跟给昨今去从这那我您你曾还现目])"
)
_NOT_NAMES = (
    "(?!高中|高管|高龄|高血|高烧|高考|高三|单亲|单身|单位|方便|任何|于是|常常|时候|应届|成年|白领|白血|金卡|房东|房奴|车主"
    "|江苏|江西|云南|安徽|温州|包工|马上|钱不|安全|关于|路过|万一|万分|石家庄|林业|文员|文盲|程序|施工|夏天|武汉|兰州"
    "|许多|严重|成都|时间|关心|易怒|尚未|左右|向来|安心|李子|黄金|金融|马路|毛病|温饱|万元|康复|雷打|甘肃|单独|齐全)"
)
_NOT_ENDS = "(?<![人员工者们了吗呢吧啊么生])"
_NO_LETTER = "[你您他她它们了的吗呢吧啊过着还打去来给把被让帮不别人家孩朋妈爸做停先在到]"
_KIN = (
    "(?:爸爸?|妈妈?|父亲|母亲|老公|丈夫|妻子|老婆|太太|儿子|女儿|哥哥?|弟弟?|姐姐?|妹妹?|爷爷|奶奶|外公|外婆|岳父|岳母"
    "|公公|婆婆|舅舅|叔叔|姑姑|阿姨|表哥|表弟|表姐|表妹|堂哥|堂弟|嫂子|朋友|同事|同学|担保人|配偶|对象|男友|女友"
    "|男朋友|女朋友|老板|领导|邻居|联系人|家属|债主|室友)"
)
_CHINESE_INTRODUCED = re.compile(
    rf"(?:我叫|本人叫?|我的?(?:姓名|名字)(?:是|叫)?|姓名(?:是|为)?|名叫|名字(?:是|叫|为)|全名(?:是|叫)?|户主|署名)[:：\s]?"
    rf"(?P<a>{_ANY_SURNAME}[{_HAN}]{{1,2}}?{_END}|{_ANY_SURNAME}[{_HAN}]{{1,2}}|[A-Z][a-z]+(?:\s[A-Z][a-z]+){{0,2}})"
    rf"|(?:我叫|名叫)(?P<b>(?:(?!{_NO_LETTER})[{_HAN}·]){{2,8}})(?=[，。！？；、,.!?;\s]|$)"
    rf"|(?:我是|这是|你好我是)(?P<c>{_NOT_NAMES}{_ANY_SURNAME}[{_HAN}]{{1,2}}?{_NOT_ENDS}{_END})"
    rf"|{_KIN}(?:(?:的?名字)?(?:叫|名叫|是|[:：]))\s?(?P<d>{_NOT_NAMES}{_ANY_SURNAME}[{_HAN}]{{1,2}}?{_END})"
    rf"|{_KIN}(?P<e>{_NOT_NAMES}{_FIRM_SURNAME}[{_HAN}]{{1,2}}?{_END})"
    rf"|(?:我|他|她|老公|老婆|本人)姓(?P<f>{_ANY_SURNAME})"
)
_CHINESE_TITLED = re.compile(
    rf"(?<!谢)(?!谢谢|那个|(?<=[对由关至终属])于)"
    rf"(?P<a>{_FIRM_SURNAME}[{_HAN}]{{0,2}}?|(?<![{_HAN}])[{_WORDLIKE_SURNAMES}][{_HAN}]{{1,2}}?|[{_WORDLIKE_SURNAMES}])"
    rf"(?={_TITLE})"
)
_MAYBE_CHINESE = re.compile(f"叫|我是|这是|本人|姓|名|户主|{_KIN}|{_TITLE}")

_WORD = r"(?:[A-Z][a-z]+|[A-Z]['’][A-Z][a-z]+)(?:['’-][A-Z]?[a-z]+)*(?![A-Za-z])"
_CAPITALISED = rf"{_WORD}(?:\s(?:[A-Z]\.?\s)?(?!(?:And|But|I|Please|My|The)\b){_WORD}){{0,2}}"
_NO_MORE_NAME = "and|but|i|i'm|im|from|with|here|who|please|my|the|is|was|or|so|born|calling"
_ANY_CASE = rf"[A-Za-z][A-Za-z'’-]+(?:\s(?!(?:{_NO_MORE_NAME})\b)[A-Za-z][A-Za-z'’.-]*){{0,2}}"
_NO_NAME = (
    r"(?!(?:A|An|The|My|Your|Our|Not|No|It|Is|In|So|Very|Just|Still|Really|Sorry|Unable|Out|All|Too|Also|About|Regarding"
    r"|Ridiculous|Unfair|Absurd|Crazy|Harassment|What|Why|How|Where|When|Who|To|On|At|Going|Currently|Now|Only|Being"
    r"|Getting|Having|Trying|Writing|Asking|Afraid|Behind|Disabled|Broke|Unemployed|American|British|English|Chinese"
    r"|Muslim|Christian|Jewish|Mexican|Irish|Scottish|Welsh|Indian|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday"
    r"|Sunday|This|That|Because|Important|Urgent|Final|OK|Okay|Fine|Done|Sick|Tired)\b)"
)
_RELATION = (
    "(?:wife|husband|partner|son|daughter|mother|father|mum|mom|dad|brother|sister|friend|boss|girlfriend|boyfriend"
    "|uncle|aunt|cousin|grandmother|grandfather|spouse|neighbou?r|roommate|co-?signer|guarantor|landlord)"
)
_FAREWELL = (
    r"(?:(?:kind |best |warm )?regards|sincerely|faithfully|truly|respectfully|thanks|thank you|cheers|best|signed)"
)
_ENGLISH_INTRODUCED = re.compile(
    r"(?i:\b(?:my (?:full |legal |real )?name(?:'s| is|:)|name:|(?:he|she|they) (?:is|are) (?:called|named))) "
    rf"(?P<a>{_ANY_CASE})"
    rf"|(?i:\b(?:this is|i am|i'm|i’m|im|it's|it is|call me)) (?P<b>{_NO_NAME}{_CAPITALISED})"
    r"|(?i:\bthis is) (?P<g>(?!(?i:the|a|an|my|not|just)\b)[a-z]+ [a-z]+)(?= (?:calling|speaking|here|writing)\b)"
    rf"|(?i:\bmy (?:ex-?)?{_RELATION}(?:,| is| named| called|'s name is|:)?) (?P<c>{_NO_NAME}{_CAPITALISED})"
    rf"|(?i:\b{_FAREWELL}), (?P<h>{_CAPITALISED})(?=\.?\s{{0,8}}$)"
    rf"|(?i:\b{_FAREWELL}\b)[,.]?[ \t]{{0,4}}\n\s{{0,8}}[-–—]{{0,3}}\s?(?P<d>{_CAPITALISED})"
)
_ENGLISH_TITLED = re.compile(rf"(?<![A-Za-z])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof)\.?\s(?P<a>{_CAPITALISED})")
_MAYBE_ENGLISH = re.compile(
    r"(?i:name|\bthis is|\bi am|\bi['’]?m|\bit['’ ]|call|\bmy )|\b[MDP][a-z]{1,4}\.? [A-Z]|\n|, [A-Z]"
)
# First and family names that are also everyday words are masked only within the full name or after a title.
_EVERYDAY = re.compile(
    "and|april|art|august|banks?|best|bill|black|brown|case|cash|chase|day|dawn|dean|drew|early|english|faith|for|frank"
    "|gene|good|grace|grant|gray|green|guy|hope|jack|joy|june|king|long|love|major|mark|may|moody|noble|page|pat|pay"
    "|price|rich|rose|rush|sharp|short|small|sterling|strong|sue|summer|swift|the|will|wise|white|wood|you|young",
    re.IGNORECASE,
)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof"})
_SHORTEST_PART = 3


def introduced_names(text: str) -> Iterator[Hit]:
    """Yield names that a writer introduces: 我叫…, my name is …, 我老公…, Mr …, or a signature."""
    if not text.isascii() and _MAYBE_CHINESE.search(text):
        yield from _groups(_CHINESE_INTRODUCED, text)
        yield from _groups(_CHINESE_TITLED, text)
    if _MAYBE_ENGLISH.search(text):
        yield from _groups(_ENGLISH_INTRODUCED, text)
        yield from _groups(_ENGLISH_TITLED, text)


def _groups(pattern: re.Pattern[str], text: str) -> Iterator[Hit]:
    for match in pattern.finditer(text):
        group = match.lastgroup
        if group is not None:
            yield Hit(*match.span(group), "name")


def known_names(text: str, name: str) -> Iterator[Hit]:
    """Yield the places where a name stands, whole, in part, or as a surname with a title.

    Args:
        text: canonical text.
        name: canonical, such as 王小明, 王女士 or Jane Q. Sample.
    """
    for match in _pattern_of(name).finditer(text):
        yield Hit(*match.span(), "name")


@lru_cache(maxsize=1024)
def _pattern_of(name: str) -> re.Pattern[str]:
    forms = _han_forms(name) if re.search(f"[{_HAN}]", name) else _latin_forms(name)
    return re.compile("|".join(forms), re.IGNORECASE)


def _han_forms(name: str) -> list[str]:
    name = re.sub(rf"\s|(?<=.){_TITLE}$", "", name)
    compound = re.match(_COMPOUND_SURNAMES, name)
    surname = compound.group() if compound else name[:1]
    given = name[len(surname) :]
    titled = f"{re.escape(surname)}(?={_TITLE})|(?<=[小老阿]){re.escape(surname)}(?![{_HAN}])"
    if not given:
        return [titled]
    whole = r"[\s·.]?".join(map(re.escape, name))
    return [whole, titled, re.escape(given)] if len(given) > 1 else [whole, titled]


def _latin_forms(name: str) -> list[str]:
    parts = [part for part in re.findall(r"[^\W\d_][\w'’-]*", name) if part.lower() not in _TITLES]
    if not parts:
        return [re.escape(name)]
    alone = [part for part in parts if len(part) >= _SHORTEST_PART and not _EVERYDAY.fullmatch(part)]
    whole = r"[\s.,]+".join(map(re.escape, parts))
    # An everyday word is a name only with its capital.
    forms = [whole if alone or len(parts) > 1 else f"(?-i:{whole})", *map(re.escape, alone)]
    return [rf"(?<![^\W\d_]){form}(?![^\W\d_])" for form in forms]
